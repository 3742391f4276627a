"""Settings in a YAML file of their own, read into the form that they must have."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from serving.errors import ServiceError

Settings = TypeVar("Settings", bound=BaseModel)


def settings_file(file: Path, form: type[Settings], what: str, guide: str) -> Settings:
    """The settings that a file holds.

    Args:
        what: what it should hold, in words. guide: the page that tells how.

    Raises:
        ServiceError: when it cannot be read, or is something else; naming every fault.
    """
    try:
        return form.model_validate(yaml.safe_load(file.read_text(encoding="utf-8-sig")))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ServiceError(f"expected {what} in {file}; got: {error}") from error
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(map(str, item['loc'])) or 'file'}: {item['msg']}"
            for item in error.errors(include_url=False)
        )
        raise ServiceError(f"{file}: {wrong}; see {guide}") from error
