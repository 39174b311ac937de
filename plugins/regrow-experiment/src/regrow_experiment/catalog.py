"""Which scikit-learn estimators settings may name, the task each is for, and its counterpart for the other."""

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
