"""Who asks, and how far the asker may see. Every read takes a `Scope`; everything recorded carries an `Actor`."""

from dataclasses import dataclass

ROLES = ("leader", "office", "community", "auditor", "admin")


@dataclass(frozen=True, order=True)
class Scope:
    """The area subtrees that a reader may see, by the code of their root, and the reader's role.

    `areas=None` is the whole city, matters without a known place included; an empty tuple sees nothing. Scope follows parent
    paths in the area tree, never string prefixes. Frozen and hashable, so that it can be part of every cache key.

    >>> Scope(("999901001",), "community").sees_all
    False
    """

    areas: tuple[str, ...] | None = None
    role: str = "office"

    def __post_init__(self) -> None:
        if self.role not in ROLES:
            raise ValueError(f"role {self.role!r} is none of {', '.join(ROLES)}")
        if self.areas is not None:
            object.__setattr__(self, "areas", tuple(sorted(set(self.areas))))

    @property
    def sees_all(self) -> bool:
        return self.areas is None

    @property
    def only_area(self) -> str | None:
        """The one area that bounds the scope, if there is just one."""
        return self.areas[0] if self.areas and len(self.areas) == 1 else None


@dataclass(frozen=True)
class Actor:
    """The post that acts, never a person; `verified` stays False until identity is built."""

    post: str
    scope: Scope
    verified: bool = False
