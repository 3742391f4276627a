"""A ration: how often something may be asked in a day, counted across all processes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from hashlib import sha256

from serving.access.store import AccessStore

Now = Callable[[], datetime]


def _now() -> datetime:
    return datetime.now().astimezone()


class Ration:
    """A number of calls for each subject and day, where a day is one of the server's clock."""

    def __init__(self, store: AccessStore, a_day: int, now: Now = _now) -> None:
        self.a_day = a_day
        self._store = store
        self._now = now

    def take(self, *subject: str) -> bool:
        """Whether one call was left for the subject; then it is used now."""
        day = self._day()
        taken = self._store.execute(
            "INSERT INTO used SELECT ?1, ?2, 1 WHERE ?3 > 0 "
            "ON CONFLICT DO UPDATE SET count = count + 1 WHERE count < ?3 RETURNING count",
            (day, _digest(subject), self.a_day),
        )
        if taken == [(1,)]:
            self._store.execute("DELETE FROM used WHERE day < ?", (day,))
        return bool(taken)

    def take_for_new(self, content: bytes, *subject: str) -> bool:
        """Whether the subject has had this content today already, or one call was left for it."""
        day, seen = self._day(), _digest((*subject, sha256(content).hexdigest()))
        if self._store.execute("SELECT 1 FROM used WHERE day = ? AND subject = ?", (day, seen)):
            return True
        if not self.take(*subject):
            return False
        self._store.execute("INSERT OR IGNORE INTO used VALUES (?, ?, 1)", (day, seen))
        return True

    def _day(self) -> str:
        return self._now().date().isoformat()

    def seconds_to_wait(self) -> int:
        """Until the next day begins, at least one."""
        now = self._now()
        tomorrow = datetime.combine(now.date() + timedelta(days=1), time(), now.tzinfo)
        return max(1, round((tomorrow - now).total_seconds()))


def _digest(subject: tuple[str, ...]) -> bytes:
    """The subject without its words: which projects a department tries is nobody's business."""
    return sha256("\0".join(subject).encode("utf-8", "surrogatepass")).digest()
