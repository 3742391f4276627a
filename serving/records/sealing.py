"""Which key seals: the newest that the database names, made when the first is needed."""

from __future__ import annotations

from sqlalchemy import Connection, func, insert, select, update

from serving.records.private_keys import PrivateKey, PrivateKeys
from serving.records.record import PrivateValue, rfc3339, utc_now
from serving.records.tables import PRIVATE_KEY

_NEWEST = (
    select(PRIVATE_KEY.c.key_id)
    .where(PRIVATE_KEY.c.retired_at.is_(None))
    .order_by(PRIVATE_KEY.c.number.desc())
    .limit(1)
)


def sealing_key(connection: Connection, keys: PrivateKeys) -> PrivateKey:
    """The key that new private values are sealed with; within a transaction that holds the lock.

    Raises:
        PrivateKeyError: when it is not at hand, or none can be made.
    """
    named = connection.execute(_NEWEST).scalar()
    return registered(connection, keys.newest()) if named is None else keys.key(named)


def registered(connection: Connection, key: PrivateKey) -> PrivateKey:
    """The key, named in the database as the newest from now on."""
    last = connection.execute(select(func.max(PRIVATE_KEY.c.number))).scalar()
    row = {"number": (last or 0) + 1, "key_id": key.key_id, "made_at": rfc3339(utc_now())}
    connection.execute(insert(PRIVATE_KEY), [row])
    return key


def keys_in_use(connection: Connection) -> list[str]:
    """The ids of the keys that may be needed, the oldest first."""
    query = select(PRIVATE_KEY.c.key_id).where(PRIVATE_KEY.c.retired_at.is_(None))
    return list(connection.execute(query.order_by(PRIVATE_KEY.c.number)).scalars())


def retire(connection: Connection, key_id: str) -> None:
    """Note that a key seals nothing any longer."""
    retired = update(PRIVATE_KEY).where(PRIVATE_KEY.c.key_id == key_id)
    connection.execute(retired.values(retired_at=rfc3339(utc_now())))


def digest_under_newest(
    keys: PrivateKeys, connection: Connection, record_id: str, digest: bytes
) -> tuple[str, bytes]:
    """The digest of a question, sealed, behind the id of its key."""
    key = sealing_key(connection, keys)
    return key.key_id, key.sealed_digest(record_id, digest)


def sealed_under_newest(
    keys: PrivateKeys, connection: Connection, record_id: str, name: str, salt: bytes, value: bytes
) -> tuple[str, bytes]:
    """A private value, sealed, behind the id of its key."""
    key = sealing_key(connection, keys)
    return key.key_id, key.sealed(record_id, name, PrivateValue(salt, value))
