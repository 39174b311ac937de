"""Which scikit-learn estimators settings may name, the task each is for, and its counterpart for the other."""

from typing import Any

CLASSIFIERS = (
    "DecisionTreeClassifier",
    "DummyClassifier",
    "ExtraTreesClassifier",
    "GaussianNB",
    "GradientBoostingClassifier",
    "HistGradientBoostingClassifier",
    "KNeighborsClassifier",
    "LinearSVC",
    "LogisticRegression",
    "MLPClassifier",
    "RandomForestClassifier",
    "RidgeClassifier",
    "SGDClassifier",
    "SVC",
)
REGRESSORS = (
    "DecisionTreeRegressor",
    "DummyRegressor",
    "ElasticNet",
    "ExtraTreesRegressor",
    "GradientBoostingRegressor",
    "HistGradientBoostingRegressor",
    "KNeighborsRegressor",
    "Lasso",
    "LinearRegression",
    "LinearSVR",
    "MLPRegressor",
    "RandomForestRegressor",
    "Ridge",
    "SGDRegressor",
    "SVR",
)
FRIEDMAN = "Friedman, Annals of Statistics 29, 2001"
VAPNIK = "Cortes and Vapnik, Machine Learning 20, 1995"
RUMELHART = "Rumelhart, Hinton and Williams, Nature 323, 1986"
BREIMAN = "Breiman, Random Forests, Machine Learning 45, 2001"
# family of classes -> tags beside `learns`, an example, where it is described
FAMILIES: dict[str, tuple[tuple[str, ...], dict[str, Any], str]] = {
    "DecisionTree": (("random", "takes_missing"), {"max_depth": 3}, "Breiman et al., CART, 1984"),
    "Dummy": (("random",), {}, "what every model has to beat: the most frequent class, or the mean"),
    "ElasticNet": (("random",), {"alpha": 0.1}, "Zou and Hastie, JRSS B 67, 2005"),
    "ExtraTrees": (("random", "takes_missing"), {"n_estimators": 5}, "Geurts et al., Machine Learning 63, 2006"),
    "GaussianNB": ((), {}, "Zhang, The Optimality of Naive Bayes, FLAIRS 2004"),
    "GradientBoosting": (("random", "slow"), {"n_estimators": 5}, FRIEDMAN),
    "HistGradientBoosting": (("random", "takes_missing"), {"max_iter": 5}, "Ke et al., LightGBM, NeurIPS 2017"),
    "KNeighbors": ((), {"n_neighbors": 3}, "Cover and Hart, IEEE Transactions on Information Theory 13, 1967"),
    "Lasso": (("random",), {"alpha": 0.1}, "Tibshirani, JRSS B 58, 1996"),
    "LinearRegression": ((), {}, "Legendre, Nouvelles methodes pour la determination des orbites, 1805"),
    "LinearSVC": (("random",), {"C": 0.5}, "Fan et al., LIBLINEAR, JMLR 9, 2008"),
    "LinearSVR": (("random",), {"C": 0.5, "max_iter": 5000}, "Fan et al., LIBLINEAR, JMLR 9, 2008"),
    "LogisticRegression": (("random",), {"C": 0.5}, "Cox, JRSS B 20, 1958"),
    "MLP": (("random", "slow"), {"hidden_layer_sizes": [4], "max_iter": 10}, RUMELHART),
    "RandomForest": (("random", "takes_missing"), {"n_estimators": 5}, BREIMAN),
    "Ridge": (("random",), {"alpha": 0.5}, "Hoerl and Kennard, Technometrics 12, 1970"),
    "SGD": (("random",), {"max_iter": 20}, "Bottou, COMPSTAT 2010"),
    "SVC": (("random", "slow"), {"C": 0.5}, VAPNIK),
    "SVR": (("slow",), {"C": 0.5}, "Drucker et al., Support Vector Regression Machines, NIPS 1996"),
}
COUNTERPARTS = {
    "ElasticNet": "LogisticRegression",
    "GaussianNB": "Ridge",
    "Lasso": "LogisticRegression",
    "LinearRegression": "LogisticRegression",
    "LinearSVC": "LinearSVR",
    "LinearSVR": "LinearSVC",
    "LogisticRegression": "Ridge",
    "Ridge": "RidgeClassifier",
    "RidgeClassifier": "Ridge",
    "SVC": "SVR",
    "SVR": "SVC",
}


def counterpart(name: str) -> str:
    """The estimator to take for the other task: RandomForestClassifier <-> RandomForestRegressor, SVC <-> SVR, ..."""
    if name in COUNTERPARTS:
        return COUNTERPARTS[name]
    if name in CLASSIFIERS:
        return name.removesuffix("Classifier") + "Regressor"
    return name.removesuffix("Regressor") + "Classifier"
