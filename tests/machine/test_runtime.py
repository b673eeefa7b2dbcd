"""What the runtime says, as opposed to what it does: the report of a fault, the warnings of the relaxed mode."""

import re

from conftest import PASS, boot


def test_an_unexpected_death_says_everything_about_the_access():
    done = boot("tests=keys_death_words_l4")
    assert done.status == PASS
    block = "\n".join(re.findall(r"^# ! .*$", done.text.replace("\r\n", "\n"), re.M))
    assert re.search(r"^# ! unplanned exception #PF\[K--sWP\] at 0x[0-9a-f]+ write_in_handler\+", block, re.M)
    assert "# ! processor 0, thread victim, handlers nested 1 deep" in block
    assert re.search(r"^# ! pks write of 0x200000000000 denied: key=1 rights=-- owner=death level=4k thread=victim depth=1$",
                     block, re.M)
    assert "# ! pks keys 1:death" in block
    assert re.search(r"^# ! pkrs 55555554 0:rw 1:--", block, re.M)


def test_a_callback_that_relaxes_nothing_is_named():
    done = boot("tests=keys_death_words_l4")
    assert "# ! processor 0, thread trusting, handlers nested 0 deep: the callback of this key has relaxed nothing" in done.text


def test_an_allocation_that_fails_names_the_loser_and_the_owners():
    done = boot("tests=keys_alloc_all_l4")
    assert done.status == PASS
    assert "# @ pks no key is left for loser" in done.text
    assert re.search(r"# @ pks keys 1:a 2:b .* 15:o", done.text)


def test_relaxed_mode_warns_once_for_a_key_and_lets_the_child_live():
    strict, relaxed = (boot(f"tests=keys_death_strict_l4 pks_faults={mode}") for mode in ("strict", "relaxed"))
    assert strict.status == PASS and "pks relaxed" not in strict.text
    # the child that must die lives, twice, and the test says so; one warning for its key
    assert "the child's end: want 0x5 got 0x4" in relaxed.text
    assert len(re.findall(r"# @ pks relaxed write of", relaxed.text)) == 1
