"""The site's facts: where its stores are, which clock it lives by, who acts. Read from the environment once, by the doors."""

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from data.scope import Actor, Scope


@dataclass(frozen=True)
class Site:
    """One installation.

    `home` holds everything written; `database_url` is the operational database (the embedded file unless set); `time_zone` is the
    one zone whose wall-clock time all stores use.
    """

    home: Path
    database_url: str
    desk_url: str
    time_zone: str = "Asia/Shanghai"
    language: str = "zh"
    post: str = "unassigned"
    role: str = "office"
    areas: tuple[str, ...] | None = None
    own_fonts: Path | None = None  # folder of the site's own fonts for paper
    mapping: str | None = None  # profile (name or path) that maps a foreign database to the contract

    @property
    def mart_folder(self) -> Path:
        return self.home / "mart"

    @property
    def fonts_folder(self) -> Path:
        """Where the site keeps its own fonts for paper; it need not exist."""
        return self.own_fonts or self.home / "fonts"

    @property
    def uses_embedded(self) -> bool:
        return self.database_url == embedded_url(self.home)

    @property
    def actor(self) -> Actor:
        return Actor(self.post, Scope(self.areas, self.role))

    def now(self) -> datetime:
        """The wall clock in the site's zone, without a zone mark, to the second. Only doors call this."""
        return datetime.now(ZoneInfo(self.time_zone)).replace(tzinfo=None, microsecond=0)


def embedded_url(home: Path) -> str:
    return f"sqlite:///{home / 'operational.db'}"


def read_site(home: str | Path | None = None, database_url: str | None = None) -> Site:
    """The site as the environment describes it; arguments win over the environment.

    XIANSHOU_HOME (default ./var), XIANSHOU_DATABASE_URL, XIANSHOU_DESK_URL, XIANSHOU_TIME_ZONE, XIANSHOU_LANG, XIANSHOU_POST,
    XIANSHOU_ROLE, XIANSHOU_AREAS (codes, comma between), XIANSHOU_MAPPING, XIANSHOU_FONTS (folder, default HOME/fonts).
    """
    get = os.environ.get
    folder = Path(home or get("XIANSHOU_HOME") or "var").expanduser().absolute()
    fonts = get("XIANSHOU_FONTS")
    areas = tuple(code.strip() for code in get("XIANSHOU_AREAS", "").split(",") if code.strip())
    return Site(
        home=folder,
        database_url=database_url or get("XIANSHOU_DATABASE_URL") or embedded_url(folder),
        desk_url=get("XIANSHOU_DESK_URL") or f"sqlite:///{folder / 'desk.db'}",
        time_zone=get("XIANSHOU_TIME_ZONE") or "Asia/Shanghai",
        language=get("XIANSHOU_LANG") or "zh",
        post=get("XIANSHOU_POST") or "unassigned",
        role=get("XIANSHOU_ROLE") or "office",
        areas=areas or None,
        mapping=get("XIANSHOU_MAPPING"),
        own_fonts=Path(fonts).expanduser().absolute() if fonts else None,
    )
