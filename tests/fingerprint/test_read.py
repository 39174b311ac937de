"""What a fingerprint says is read without making one."""

from regrow.fingerprint import read


def test_the_packages_are_those_that_the_fingerprint_names(small):
    small.compile()
    file = small.root / "fingerprints/make.lock"
    assert {"pandas", "numpy"} <= read.packages([file])
    assert read.packages([file, small.root / "fingerprints/no_such.lock"]) == read.packages([file])


def test_the_modules_are_those_whose_code_the_fingerprint_names(small):
    small.compile()
    found = read.modules([small.root / "fingerprints/make.lock"])
    assert {"regrow.artifacts.table", f"{small.package}.work"} <= found
    assert not any(":" in name or "regrow.stage.run_stage" in name for name in found)


def test_a_file_that_is_none_says_nothing(tmp_path):
    assert read.packages([tmp_path]) == set()
    assert read.is_portable(tmp_path)
