"""What a fingerprint says is read without making one."""

from regrow import stated


def test_the_packages_are_those_that_the_fingerprint_names(small):
    small.compile()
    file = small.root / "fingerprints/make.lock"
    assert {"pandas", "numpy"} <= stated.packages([file])
    assert stated.packages([file, small.root / "fingerprints/no_such.lock"]) == stated.packages([file])


def test_the_modules_are_those_whose_code_the_fingerprint_names(small):
    small.compile()
    found = stated.modules([small.root / "fingerprints/make.lock"])
    assert {"regrow.artifacts.table", f"{small.package}.work"} <= found
    assert not any(":" in name or "regrow.run" in name for name in found)


def test_a_file_that_is_none_says_nothing(tmp_path):
    assert stated.packages([tmp_path]) == set()
    assert stated.is_portable(tmp_path)
