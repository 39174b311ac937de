"""Five repairs of DVC 3.67, in every process of its own.

It writes its config files as ASCII, or fails: it passes configobj no encoding. So `dvc exp run --temp`, and the queue,
fail in a folder whose path holds a letter such as "ü", and so does `dvc remote add` with such a path.

It writes the list of who works in a tree (.dvc/tmp/rwlock) in place: killed in that moment, it leaves half a list, and
no command works until somebody removes the file. Its readers and writers hold a lock, so half a list is a dead one's.

It writes dvc.lock, dvc.yaml and .dvc files in place, too. Now they are written beside, and then take their place.

It puts the values of params.yaml into dvc.yaml (`${}`, foreach, matrix) when it loads it, so before its first stage,
which writes params.yaml: the others would run as the settings of the last run have them. Now that stage comes first,
and then DVC loads dvc.yaml.

Its run cache, which makes an earlier value free, leaves out every stage with an output that Git keeps and that is no
metric. Each of regrow's stages has one, hashes/STAGE.json, so they are kept all the same; and what the run cache gives
is hashed first, as DVC trusts every object that is read-only, and whatever its notes say.

DVC's processes load nothing of regrow's by themselves, so regrow_dvc.pth imports this module at every start of the
environment's Python; it waits for these modules and does nothing else.
"""

import sys

OURS = "regrow stage "


class _Waiting:
    """An import hook for one module, once: `mend` is given the module when it is there."""

    def __init__(self, name, mend):
        self.name, self.mend = name, mend

    def find_spec(self, name, path=None, target=None):
        if name != self.name:
            return None
        sys.meta_path.remove(self)
        from importlib.util import find_spec

        spec = find_spec(name)
        if spec is not None and spec.loader is not None:
            execute = spec.loader.exec_module

            def exec_module(module):
                execute(module)
                self.mend(module)

            spec.loader.exec_module = exec_module
        return spec


def _write_utf8(configobj):
    plain = configobj.ConfigObj.__init__

    def __init__(self, *arguments, **options):  # noqa: N807 - it takes the place of one
        options.setdefault("default_encoding", "utf-8")
        plain(self, *arguments, **options)

    configobj.ConfigObj.__init__ = __init__


def _drop_half_lists(rwlock):
    import contextlib
    import json

    plain = getattr(rwlock, "_edit_rwlock", None)
    if plain is None:  # a later DVC, which has to see to it by itself
        return

    def drop(lock_dir, fs, hardlink):
        guard = fs.join(lock_dir, rwlock.RWLOCK_LOCK)
        with rwlock.make_lock(guard, tmp_dir=lock_dir, hardlink_lock=hardlink):
            path = fs.join(lock_dir, rwlock.RWLOCK_FILE)
            try:
                with fs.open(path, encoding="utf-8") as stream:
                    json.load(stream)
            except FileNotFoundError:
                pass
            except ValueError:
                fs.remove(path)

    @contextlib.contextmanager
    def edit(lock_dir, fs, hardlink):
        with contextlib.ExitStack() as stack:
            try:
                lock = stack.enter_context(plain(lock_dir, fs, hardlink))
            except rwlock.RWLockFileCorruptedError:
                drop(lock_dir, fs, hardlink)
                lock = stack.enter_context(plain(lock_dir, fs, hardlink))
            yield lock

    rwlock._edit_rwlock = edit


def _write_whole(serialize):
    import os
    from pathlib import Path

    plain = getattr(serialize, "_dump_data", None)
    if plain is None:  # a later DVC
        return

    def dump(path, data, dumper, fs=None, **more):
        target = Path(path).absolute()
        scratch = next((tmp for folder in target.parents if (tmp := folder / ".dvc" / "tmp").is_dir()), None)
        if scratch is None or target.is_symlink() or (fs is not None and fs.protocol != "local"):
            return plain(path, data, dumper, fs, **more)
        beside = scratch / f"{target.name}.{os.getpid()}.part"
        plain(str(beside), data, dumper, fs, **more)
        try:
            if target.exists():
                beside.chmod(target.stat().st_mode & 0o7777)
            beside.replace(target)
        except OSError:  # another file system
            beside.unlink()
            plain(path, data, dumper, fs, **more)

    serialize._dump_data = dump


def _compile_first(module):
    import os
    from functools import wraps
    from pathlib import Path

    plain = getattr(module.Repo, "reproduce", None)
    wider = ("force", "force_downstream", "downstream", "pipeline", "all_pipelines", "recursive", "glob")
    alone = {**dict.fromkeys(wider, False), "single_item": True}

    def is_due(repo):
        file = Path(repo.root_dir, "dvc.yaml")
        text = file.read_text(encoding="utf-8", errors="replace") if file.is_file() else ""
        if "cmd: regrow compile --in-pipeline" not in text or not (_has_values(text) or _has_others(repo)):
            return False
        with module.lock_repo(repo):
            return repo.stage.load_one(str(file), "compile").changed()

    def _has_values(text):
        return "${" in text

    def _has_others(repo):
        import subprocess

        asked = ("git", "ls-files", "-z", "--", "*/dvc.yaml")
        listed = subprocess.run(asked, cwd=repo.root_dir, capture_output=True, check=False).stdout
        others = (Path(repo.root_dir, name) for name in listed.decode("utf-8", "replace").split("\0") if name)
        return any(one.is_file() and _has_values(one.read_text(encoding="utf-8", errors="replace")) for one in others)

    @wraps(plain)
    def reproduce(self, targets=None, *more, **options):
        done = []
        if not (more or options.get("dry") or options.get("single_item")) and is_due(self):
            target = f"{os.path.relpath(self.root_dir)}/dvc.yaml:compile"
            on_error = "fail" if (options.get("on_error") or "fail") == "fail" else "ignore"
            done = plain(self, target, **{**options, **alone, "on_error": on_error})
        return [*done, *plain(self, targets, *more, **options)]

    if plain is not None and hasattr(module, "lock_repo"):  # else a later DVC
        module.Repo.reproduce = reproduce


def _keep_stages(cache):
    from dvc.stage import Stage

    if not hasattr(cache, "_get_cache_hash") or not hasattr(cache.StageCache, "_load_cache"):  # a later DVC
        return
    plain, plain_load, plain_restore = Stage.run, cache.StageCache._load_cache, cache.StageCache.restore

    def run(self, dry=False, no_commit=False, **options):
        kept = not dry and not no_commit and str(self.cmd).startswith(OURS)
        if kept and _is_as_recorded(self):  # by a DVC without this repair, or in another clone
            self.repo.stage_cache.save(self)
        plain(self, dry=dry, no_commit=no_commit, **options)
        if kept:
            self.repo.stage_cache.save(self)

    def load(self, key, value):
        found = plain_load(self, key, value)
        return found if found is None or _names(cache, found) == (key, value) else None

    def restore(self, stage, *arguments, **options):
        with _hashing(self.repo.cache.local):
            plain_restore(self, stage, *arguments, **options)

    Stage.run, cache.StageCache._load_cache, cache.StageCache.restore = run, load, restore


def _is_as_recorded(stage):
    """Whether dvc.lock tells of a run of this very command, and what Git keeps of it is still there."""
    told = all(dep.hash_info and dep.exists for dep in stage.deps) and all(out.hash_info for out in stage.outs)
    if not told or getattr(stage, "cmd_changed", True):
        return False
    return not any(out.workspace_status() for out in stage.outs if not out.use_cache)


def _names(cache, entry):
    """What DVC calls the folder and the file of a note in its run cache: hashes of what is in it."""
    return cache._get_cache_hash(dict(entry), key=True), cache._get_cache_hash(entry)


def _hashing(objects):
    """Inside, an object is there only if its bytes are those that it is named after; another is removed."""
    import contextlib

    from dvc_data.hashfile.db import HashFileDB
    from dvc_data.hashfile.state import StateNoop

    @contextlib.contextmanager
    def hashing():
        state, objects.state = objects.state, StateNoop()
        objects.check = HashFileDB.check.__get__(objects)
        try:
            yield
        finally:
            objects.state = state
            del objects.check

    return hashing()


sys.meta_path.insert(0, _Waiting("configobj", _write_utf8))
sys.meta_path.insert(0, _Waiting("dvc.utils.serialize._common", _write_whole))
sys.meta_path.insert(0, _Waiting("dvc.rwlock", _drop_half_lists))
sys.meta_path.insert(0, _Waiting("dvc.repo", _compile_first))
sys.meta_path.insert(0, _Waiting("dvc.stage.cache", _keep_stages))
