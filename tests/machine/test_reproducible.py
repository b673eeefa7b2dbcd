"""Two releases of the same commit are the same bytes, whoever makes them, where and when; and a release is a commit."""

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from conftest import BUILD, PASS, TOP, boot

RELEASE = ["SHA256SUMS", "latchkey.elf", "latchkey.iso", "manifest.json"]
FIXED = {"GIT_AUTHOR_DATE": "@0 +0000", "GIT_COMMITTER_DATE": "@0 +0000", "GIT_CONFIG_GLOBAL": "/dev/null",
         "PATH": os.environ["PATH"]}
OTHER_HOST = ["unshare", "--map-root-user", "--uts", "sh", "-c", 'hostname elsewhere; exec "$@"', "sh"]


def git(folder: Path, *words: str) -> None:
    """Git as nobody in particular, so that the same sources make the same commit."""
    subprocess.run(["git", "-c", "user.name=n", "-c", "user.email=e", *words], cwd=folder, env=FIXED, check=True,
                   stdout=subprocess.DEVNULL)


def checkout(folder: Path, age: int) -> Path:
    """What git tracks here or would track, as the one commit of a folder, in files of a certain age."""
    done = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=TOP, check=True,
                          capture_output=True, text=True)
    for name in filter(lambda name: (TOP / name).exists(), done.stdout.splitlines()):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(TOP / name, folder / name)
        os.utime(folder / name, (age, age))
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "all")
    return folder


def make(folder: Path, *words: str, before: tuple[str, ...] | list[str] = (), umask: int = 0o022,
         **environment: str) -> subprocess.CompletedProcess:
    """Run make there, in an environment of the test's own."""
    return subprocess.run([*before, "make", "-s", *words], cwd=folder, env=FIXED | {"HOME": str(folder)} | environment,
                          umask=umask, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module", name="releases")
def make_releases(tmp_path_factory) -> list[Path]:
    """The release twice: other folders, ages of the files, hosts, users, masks, zones, locales, numbers of jobs."""
    folder = tmp_path_factory.mktemp("reproducible")
    (folder / "a").mkdir()
    (folder / "a folder with a longer name").mkdir()
    first = checkout(folder / "a", 1_000_000_000)
    second = checkout(folder / "a folder with a longer name", 1_500_000_000)
    elsewhere = OTHER_HOST if subprocess.run([*OTHER_HOST, "true"], check=False, capture_output=True).returncode == 0 else []
    done = [make(first, "-j1", "release", TZ="UTC", LANG="C", USER="alice"),
            make(second, "-j2", "release", before=elsewhere, umask=0o077, TZ="Asia/Tokyo", LANG="C.UTF-8", USER="bob")]
    for one in done:
        assert one.returncode == 0, one.stderr
    return [first / "build/release", second / "build/release"]


@pytest.mark.parametrize("name", RELEASE)
def test_two_builds_are_identical(releases, name):
    assert (releases[0] / name).read_bytes() == (releases[1] / name).read_bytes()


def test_the_release_is_what_make_iso_makes(releases):
    """Which was made here, in a third folder and with its temporary files under another name."""
    assert (releases[0] / "latchkey.iso").read_bytes() == (BUILD / "latchkey.iso").read_bytes()
    assert (releases[0] / "latchkey.elf").read_bytes() == (BUILD / "latchkey.full").read_bytes()


def test_the_sums_and_the_manifest_are_true(releases):
    folder = releases[0]
    assert sorted(file.name for file in folder.iterdir()) == RELEASE
    subprocess.run(["sha256sum", "--strict", "-c", "SHA256SUMS"], cwd=folder, check=True)
    assert len((folder / "SHA256SUMS").read_text().splitlines()) == len(RELEASE) - 1
    manifest = json.loads((folder / "manifest.json").read_text())
    for name, said in manifest["files"].items():
        file = (folder / name).read_bytes()
        assert said == {"bytes": len(file), "sha256": hashlib.sha256(file).hexdigest()}
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=folder, capture_output=True, text=True, check=True)
    assert manifest["commit"] == head.stdout.strip()
    installed = subprocess.run(["dpkg-query", "-W", "-f=${Version}", "nasm"], capture_output=True, text=True, check=True)
    assert manifest["packages"]["nasm"] == installed.stdout
    wanted = {"gcc-12", "binutils-x86-64-linux-gnu", "grub-common", "grub-pc-bin", "grub-efi-amd64-bin", "xorriso", "mtools"}
    assert wanted <= manifest["packages"].keys()


def test_the_kernel_with_symbols_starts_and_is_the_image_s(releases):
    done = boot("tests=boot_*", source=("-kernel", str(releases[0] / "latchkey.elf")))
    manifest = json.loads((releases[0] / "manifest.json").read_text())
    assert done.status == PASS and f" build={manifest['build']} " in done.text
    symbols = subprocess.run(["nm", "-l", str(releases[0] / "latchkey.elf")], capture_output=True, text=True, check=True)
    assert " T kernel_main\t" in symbols.stdout


@pytest.mark.parametrize("name", ["README.md", "lib/new file.c"])
def test_what_is_not_committed_is_named_and_nothing_is_built(tmp_path, name):
    folder = checkout(tmp_path, 1_000_000_000)
    with (folder / name).open("a") as file:
        file.write("\n")
    done = make(folder, "release")
    assert done.returncode != 0 and f"release: {name} not as committed\n" in done.stderr
    assert not (folder / "build").exists()
