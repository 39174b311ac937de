rule all:
    input: expand("runs/{rate}/metrics.json", rate=config["rates"].split())

rule train:
    input: "work/train_features.parquet"
    output: "runs/{rate}/model.joblib"
    shell: "python one.py train {wildcards.rate}"

rule evaluate:
    input: "runs/{rate}/model.joblib", "work/test_features.parquet"
    output: "runs/{rate}/metrics.json"
    shell: "python one.py evaluate {wildcards.rate}"
