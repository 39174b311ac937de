"""What regrow-experiment brings: the stage `train`, estimators, a search that searches nothing, and Hydra groups."""

from typing import Any

from regrow import Artifact, Command, Component, Stage, maybe
from regrow_experiment.catalog import CLASSIFIERS, FAMILIES, REGRESSORS

#: Of models that are stored with any estimator, which may be inside one of these.
TYPES = (
    "regrow_experiment.baselines:LastValueClassifier",
    "regrow_experiment.baselines:LastValueRegressor",
    "regrow_experiment.baselines:SingleFeatureClassifier",
    "regrow_experiment.baselines:SingleFeatureRegressor",
    "regrow_experiment.grouped:GroupedClassifier",
    "regrow_experiment.grouped:GroupedRegressor",
    "regrow_experiment.warm_start:WarmStartedClassifier",
    "regrow_experiment.warm_start:WarmStartedRegressor",
    "regrow_experiment.wrappers:ResampledClassifier",
)
CLASSES = ("binary", "multiclass")
RANDOM, DRAWS_NOTHING = ("learns", "random"), ("learns",)
# name -> its settings, what it is, its tags, an example, where it is described
OWN: dict[str, tuple[str, str, tuple[str, ...], dict[str, Any], str]] = {
    "boosting": (
        "Boosting",
        "histogram gradient boosting; takes missing values",
        (*RANDOM, "takes_missing"),
        {"max_iter": 5, "max_leaf_nodes": 4, "min_samples_leaf": 5},
        "Ke et al., LightGBM, NeurIPS 2017",
    ),
    "extra_trees": (
        "ExtraTrees",
        "extremely randomised trees",
        (*RANDOM, "takes_missing"),
        {"n_estimators": 5},
        "Geurts, Ernst and Wehenkel, Machine Learning 63, 2006",
    ),
    "forest": (
        "Forest",
        "random forest",
        (*RANDOM, "takes_missing"),
        {"n_estimators": 5, "max_depth": 3},
        "Breiman, Random Forests, Machine Learning 45, 2001",
    ),
    "gradient_boosting": (
        "GradientBoosting",
        "gradient boosting, tree by tree; for small tables",
        (*RANDOM, "slow"),
        {"n_estimators": 5},
        "Friedman, Annals of Statistics 29, 2001",
    ),
    "knn": (
        "NearestNeighbors",
        "nearest neighbours; wants scaled numbers",
        DRAWS_NOTHING,
        {"n_neighbors": 3},
        "Cover and Hart, IEEE Transactions on Information Theory 13, 1967",
    ),
    "linear": (
        "Linear",
        "logistic regression, or ridge regression; wants scaled numbers",
        RANDOM,
        {"C": 0.5},
        "Cox, JRSS B 20, 1958; Hoerl and Kennard, Technometrics 12, 1970",
    ),
    "mlp": (
        "Mlp",
        "a small neural network; wants scaled numbers",
        (*RANDOM, "slow"),
        {"hidden_layer_sizes": [4], "max_iter": 10},
        "Rumelhart, Hinton and Williams, Nature 323, 1986; Kingma and Ba, Adam, ICLR 2015",
    ),
}


INSIDE = {"of": {"use": "linear"}}
# name -> its settings, what it is, its tasks, an example, where it is described
MORE: dict[str, tuple[str, str, tuple[str, ...], dict[str, Any], str]] = {
    "calibrated": ("Calibrated", "another estimator, its probabilities calibrated on inner folds", CLASSES,
                   {**INSIDE, "folds": 2}, "Niculescu-Mizil and Caruana, ICML 2005"),
    "resampled": ("Resampled", "another estimator, fitted on rows drawn by class", CLASSES, INSIDE,
                  "He and Garcia, IEEE TKDE 21, 2009"),
    "thresholded": ("Thresholded", "another estimator, its threshold tuned on inner folds", ("binary",),
                    {**INSIDE, "folds": 2}, "Elkan, IJCAI 2001"),
    "stack": ("Stack", "several estimators, and one that learns from what they say on inner folds", (),
              {"of": {"one": {"use": "linear"}, "two": {"use": "single_feature"}}, "folds": 2},
              "Wolpert, Neural Networks 5, 1992"),
    "elastic_net": ("ElasticNet", "a linear model of few columns and small weights; wants scaled numbers", (),
                    {"C": 0.5}, "Zou and Hastie, JRSS B 67, 2005"),
    "lasso": ("Lasso", "a linear model of few columns; wants scaled numbers", (), {"C": 0.5},
              "Tibshirani, JRSS B 58, 1996"),
    "dummy": ("Dummy", "looks at no column: shares of the classes, or the mean", (), {}, ""),
    "last_value": ("LastValue", "what the last training rows said", (), {"rows": 2}, ""),
    "single_feature": ("SingleFeature", "a small tree on the column that says most", (), {"leaves": 4},
                       "Holte, Machine Learning 11, 1993"),
}  # fmt: skip
BASELINES = ("dummy", "last_value", "single_feature")
#: Those that draw nothing.
STEADY = ("dummy", "last_value")
# name -> its settings, what it does, an example, where it is described
SEARCHES: dict[str, tuple[str, str, dict[str, Any], str]] = {
    "auto": (
        "Auto",
        "a portfolio of models, each with the steps that suit it, the best of them varied, then a stack",
        {"folds": 2, "noise": 2, "budget": {"trials": 2}},
        "Feurer et al., Auto-Sklearn 2.0, JMLR 23, 2022",
    ),
    "grid": ("Grid", "tries every combination of the space", {"folds": 2, "noise": 2}, ""),
    "fixed": ("Fixed", "scores the settings as they stand on the inner folds", {"folds": 2, "noise": 2}, ""),
    "halving": (
        "Halving",
        "many candidates on a part of the rows, or with few trees; the best of them on more",
        {"folds": 2, "noise": 2, "candidates": 3},
        "Jamieson and Talwalkar, AISTATS 2016",
    ),
    "random": (
        "Random",
        "tries combinations of the space at random, none twice",
        {"folds": 2, "noise": 2, "budget": {"trials": 2}},
        "Bergstra and Bengio, JMLR 13, 2012",
    ),
}


def regrow_stages() -> list[Stage]:
    """The stage `train`: features and split -> a fitted pipeline, and predictions for the rows it did not see."""
    return [
        Stage(
            name="train",
            kind="experiment",
            run="regrow_experiment.stage:train",
            needs=("features", "split", "table", maybe("pretrained")),
            makes=(
                Artifact("model", "model"),
                Artifact("predictions", "table"),
                Artifact("beside", "table"),
                Artifact("trials", "ledger"),
                Artifact("decided", "choices"),
                Artifact("search_findings", "findings", path="findings/search.json"),
                Artifact("search_section", "section", path="sections/search.json"),
                Artifact("model_section", "section", path="sections/model.json"),
            ),
            params=("features.steps", "model", "search", "data.task", "data.target", "seed"),
            settings="regrow_experiment.settings:Train",
            compute=True,
            before=True,
            about="fits steps and estimator as one pipeline on training rows, and predicts the held-out ones",
        )
    ]


def regrow_components() -> list[Component]:
    """Estimators of our own, which serve both tasks; scikit-learn's by class name; and the search `none`."""
    return [
        *(_own(name) for name in OWN),
        *(_more(name, *said) for name, said in MORE.items()),
        *(_named(name, CLASSES) for name in CLASSIFIERS),
        *(_named(name, ("regression",)) for name in REGRESSORS),
        Component(
            "none", "search", "regrow_experiment.search:none", about="fits the settings as they are", tags=("learns",)
        ),
        *(_search(name, *said) for name, said in SEARCHES.items()),
        Component(
            "drop_empty",
            "transformer",
            "regrow_experiment.present:drop_empty",
            "regrow_experiment.present:DropEmpty",
            about="columns without a value in the training rows go",
            columns="regrow_experiment.present:columns",
            tags=("learns", "takes_missing"),
            types=("regrow_experiment.present:PresentColumns",),
        ),
        Component(
            "transfer",
            "transformer",
            "regrow_experiment.transfer:transfer",
            "regrow_experiment.pretrained_settings:Transfer",
            about="what a model of another commit or project has learnt to see in a row, as columns",
            columns="regrow_experiment.transfer:columns",
            tags=("row_wise", "takes_missing"),
            source="Yosinski et al., How transferable are features in deep neural networks?, NeurIPS 2014",
            types=("regrow_experiment.transfer:PretrainedRepresentation",),
        ),
        Component(
            "warm_start",
            "estimator",
            "regrow_experiment.warm_start:warm_start",
            "regrow_experiment.pretrained_settings:WarmStart",
            about="an estimator that begins where a model of another commit or project ended",
            tags=RANDOM,
            example={"of": {"use": "mlp", "hidden_layer_sizes": [4], "max_iter": 10}},
            source="Pan and Yang, A Survey on Transfer Learning, IEEE TKDE 22, 2010",
            types=TYPES,
        ),
    ]


def regrow_commands() -> list[Command]:
    """What is asked of a project's steps and of its last search."""
    pretrained = "Take a commit's model as one to begin with, pinned by its hash."
    trial = "Train as a trial of the last search did: an experiment of its own."
    return [
        Command("canary", "regrow_experiment.commands:canary", "Shuffle the target: whatever predicts it now, leaks."),
        Command("ablate", "regrow_experiment.commands:ablate", "What each step is worth, against the noise."),
        Command("pretrained", "regrow_experiment.pretrained_command:command", pretrained),
        Command("trial", "regrow_experiment.trial_command:command", trial),
    ]


def regrow_config() -> str:
    """The package whose Hydra groups a project can choose from: model=extra_trees, ..., search=halving, ..."""
    return "regrow_experiment.conf"


def _own(name: str) -> Component:
    settings, about, tags, example, source = OWN[name]
    make, settings = f"regrow_experiment.estimators:{name}", f"regrow_experiment.settings:{settings}"
    return Component(
        name, "estimator", make, settings, about=about, tags=tags, example=example, source=source, types=TYPES
    )


def _more(
    name: str, settings: str, about: str, tasks: tuple[str, ...], example: dict[str, Any], source: str
) -> Component:
    module = "baselines" if name in BASELINES else "wrappers"
    tags = DRAWS_NOTHING if name in STEADY else RANDOM
    tags = (*tags, "takes_missing") if name in BASELINES else tags
    return Component(
        name,
        "estimator",
        f"regrow_experiment.{module}:{name}",
        f"regrow_experiment.wrapper_settings:{settings}",
        about=about,
        tasks=tasks,
        tags=tags,
        example=example,
        source=source,
        types=TYPES,
    )


def _search(name: str, settings: str, about: str, example: dict[str, Any], source: str) -> Component:
    own = name == "auto"
    make = f"regrow_experiment.{'auto' if own else 'search'}:{name}"
    settings = f"regrow_experiment.{'auto_settings' if own else 'search_settings'}:{settings}"
    return Component(name, "search", make, settings, about=about, tags=RANDOM, example=example, source=source)


def _named(name: str, tasks: tuple[str, ...]) -> Component:
    make, settings = "regrow_experiment.named:make", "regrow_experiment.named:parameters"
    about = f"scikit-learn's, for {'regression' if name in REGRESSORS else 'classification'}"
    tags, example, source = FAMILIES[name.removesuffix("Classifier").removesuffix("Regressor")]
    return Component(
        name,
        "estimator",
        make,
        settings,
        about=about,
        tasks=tasks,
        tags=("learns", *tags),
        example=example,
        source=source,
        schema="regrow_experiment.parameter_schema:parameters",
    )
