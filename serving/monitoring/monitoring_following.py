"""A running service tells in its metrics what the newest monitoring report says."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

from anyio import to_thread

from serving.metrics import Metrics
from serving.monitoring.monitoring_report import FILE, monitoring_folder, newest_report

logger = logging.getLogger("lingji.serving")


class MonitoringFollower:
    """Reads a report when another one is there."""

    def __init__(self, home: Path, catalogue: str, metrics: Metrics) -> None:
        self._home, self._catalogue, self._metrics = home, catalogue, metrics
        self._seen: tuple[int, int] | None = None

    async def follow(self, seconds: float) -> None:
        """Look again and again, until cancelled."""
        while True:
            await to_thread.run_sync(self.look)
            await asyncio.sleep(seconds)

    def look(self) -> None:
        """Tell a report that came since the last look; nothing is raised."""
        try:
            found = (monitoring_folder(self._home, self._catalogue) / FILE).stat()
        except OSError:
            return
        seen = (found.st_mtime_ns, found.st_ino)
        if seen == self._seen:
            return
        self._seen = seen
        try:
            report = newest_report(self._home, self._catalogue)
            if report is not None:
                self._metrics.monitored(report)
        except Exception as error:
            logger.error("the newest monitoring report is not told: %s", type(error).__name__)
