"""One rollup: which hours, dimensions and sums its rows have, and the SELECT that makes them from calls."""

from dataclasses import dataclass

HOUR = "date_trunc('hour', started_at)"


@dataclass(frozen=True, slots=True)
class Rollup:
    """A view called `name` over the table `name`_rolled: one row per hour and combination of `dimensions`.

    `source` stands in FROM; a `{condition}` in it picks calls, without one the calls are picked outside of it.
    """

    name: str
    dimensions: dict[str, str]
    measures: dict[str, str]
    source: str = "calls"

    @property
    def table(self) -> str:
        return f"{self.name}_rolled"

    def select(self, condition: str) -> str:
        """The rollup of the calls that meet `condition`."""
        dimensions = ", ".join(f"{sql} as {name}" for name, sql in self.dimensions.items())
        measures = ", ".join(f"{sql} as {name}" for name, sql in self.measures.items())
        source = self.source.format(condition=condition) if "{" in self.source else f"calls where {condition}"
        keys = ", ".join(str(number + 1) for number in range(len(self.dimensions)))
        return f"select {dimensions}, {measures} from {source} group by {keys}"

    def reaching(self, run: str, seq: str) -> str:
        """What its view shows when the finished runs are those up to `run` and cover the calls up to `seq`."""
        rolled = f"select {self.columns()} from {self.table} where run <= {run}"
        return f"{rolled} union all by name {self.select(f'seq > {seq}')}"

    def columns(self) -> str:
        return ", ".join([*self.dimensions, *self.measures])


def plain(*names: str) -> dict[str, str]:
    """The hour, and these columns of a call as they are."""
    return {"hour": HOUR, **{name: name for name in names}}
