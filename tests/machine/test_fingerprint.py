"""The fingerprint: strings of SMBIOS by each way that leads to them, made safe; the TSC's frequency and who says it."""

import re
from pathlib import Path

import pytest
from conftest import BUILD, PASS, boot
from display import derived_iso

LINE = "tests=self_probe_ud_l4"
OVMF = "/usr/share/OVMF/OVMF_CODE_4M.fd"
KERNEL = ("-kernel", str(BUILD / "latchkey.elf"), "-append", LINE)
NAMES = ("-smbios", "type=0,vendor=Maker of BIOS,version=1.2.3,date=02/14/2024",
         "-smbios", "type=1,manufacturer=Servers,, Inc.,product=R 760",
         "-smbios", "type=2,manufacturer=  M\xfcller & S\xf6hne ,product=" + "x" * 80)
STRINGS = {"bios": "Maker_of_BIOS_1.2.3_02/14/2024", "system": "Servers,_Inc._R_760",
           "board": "M_ller_&_S_hne_" + "x" * 31}


def said(*extra: str, cpu: str = "max", source: tuple[str, ...] = KERNEL) -> tuple[dict[str, str], str]:
    """The words of the fingerprint, and everything that was said."""
    done = boot(cpu=cpu, source=source, extra=extra)
    assert done.status == PASS, done.text
    line = re.search(r"^# @ fp (.*)\r$", done.text, re.M)[1]
    return dict(word.split("=", 1) for word in line.split(" ")), done.text


@pytest.mark.parametrize("entry, version", [("32", "2.8"), ("64", "3.0")])
def test_strings_by_the_entry_points_of_a_bios(entry, version):
    words, text = said("-machine", f"smbios-entry-point-type={entry}", *NAMES)
    assert {key: words[key] for key in STRINGS} == STRINGS
    assert re.search(rf"^# @ smbios version={version} structures=\d+ found=bios\r$", text, re.M)


def test_strings_by_the_configuration_table_of_efi(tmp_path):
    if not Path(OVMF).exists():
        pytest.skip("Debian package ovmf is not installed")
    source = ("-drive", f"if=pflash,unit=0,format=raw,readonly=on,file={OVMF}", "-cdrom", str(derived_iso(LINE, tmp_path)))
    words, text = said("-machine", "smbios-entry-point-type=64", *NAMES, source=source)
    assert {key: words[key] for key in ("system", "board")} == {key: STRINGS[key] for key in ("system", "board")}
    assert words["fw"] == "uefi" and re.search(r"^# @ smbios version=\S+ structures=\d+ found=efi\r$", text, re.M)


def test_the_processor_by_its_own_words():
    words, _ = said(cpu="max,model-id=  Fast   CPU \x01 @ 2.0GHz,pks=off,pku=off,la57=off,phys-bits=44,vendor=GenuineIntel,"
                        "family=6,model=143,stepping=8")
    assert words["name"] == "Fast_CPU_@_2.0GHz" and words["cpu"] == "GenuineIntel-6-8f-8"
    assert [words[key] for key in ("pks", "pku", "la57", "physbits")] == ["0", "0", "0", "44"]
    assert [words[key] for key in ("cet_ss", "cet_ibt", "fred", "lam")] == ["0"] * 4


@pytest.mark.parametrize("machine, source", [("pit=on", "pit"), ("pit=off", "hpet"), ("pit=off,hpet=off", "none")])
def test_the_frequency_is_measured_where_cpuid_says_nothing(machine, source):
    words, _ = said("-machine", machine)
    assert words["tsc"] == source
    assert (int(words["tsc_khz"]) > 100_000) == (source != "none")


def test_two_clocks_agree():
    """With a TSC that counts 1 GHz of virtual time, the PIT and the HPET find it to a percent."""
    for machine in ("pit=on", "pit=off"):
        words, _ = said("-machine", machine, "-icount", "shift=0")
        assert 990_000 < int(words["tsc_khz"]) < 1_010_000
