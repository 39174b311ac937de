"""Metrics, as dvc.yaml, files of metrics and records of stages have them."""

from regrow.record import metrics


def test_records_keep_the_order_of_the_settings():
    records = ['{"better": [["loss", "lower"], ["auc", ""]]}', None, "{", '{"better": {"old": "higher"}}', "[]"]
    assert list(metrics.better_of(records).items()) == [("loss", "lower"), ("auc", ""), ("old", "higher")]


def test_the_main_file_s_have_no_name_of_a_file_before_them():
    texts = ['{"auc": 0.5}', '{"auc": 0.1, "shift": 2}']
    assert metrics.measures(texts, ["metrics.json", "drift.json"]) == {
        "auc": 0.5,
        "drift.auc": 0.1,
        "drift.shift": 2,
    }
    stages = "stages:\n  d: {metrics: [drift.json]}\n  e: {metrics: [{metrics.json: {cache: false}}]}\n"
    assert metrics.metric_files(stages) == {"metrics.json": "e", "drift.json": "d"}
