import numpy as np
import pytest

from regions.errors import ReadError
from regions.formats.nnet import from_nnet, to_nnet
from regions.network import Network
from regions.network.chain import ReadWarning

HAND_WRITTEN = """// a comment
// another one
2,2,1,3,
2,3,1,
0,
-1.0,-1.0,
1.0,1.0,
0.0,0.0,0.0,
1.0,1.0,1.0,
1.0,2.0,
3.0,4.0,
-5.0,6e-1,
0.5,
0.25,
-1.0,
1.0,-1.0,2.0,
7.0,
"""
NETWORK = Network.of(
    ([[1.0, 2.0], [3.0, 4.0], [-5.0, 0.6]], [0.5, 0.25, -1.0]), ([[1.0, -1.0, 2.0]], [7.0])
)


@pytest.fixture
def write(tmp_path):
    def write(text):
        (tmp_path / "net.nnet").write_text(text)
        return tmp_path / "net.nnet"

    return write


def test_hand_written_file(write):
    assert from_nnet(write(HAND_WRITTEN)) == NETWORK


def test_trailing_commas_may_be_missing(write):
    assert from_nnet(write(HAND_WRITTEN.replace(",\n", "\n"))) == NETWORK


def test_normalisation_is_left_out_with_a_warning(write):
    text = HAND_WRITTEN.replace("0.0,0.0,0.0,", "3.0,0.0,4.0,")
    with pytest.warns(ReadWarning, match=r"means \[3.0, 0.0\].*\(y - 4.0\) / 1.0"):
        assert from_nnet(write(text)) == NETWORK


def test_every_double_survives(tmp_path):
    awkward = np.array([[0.1, 1 / 3, 5e-324], [1.7e308, -(2.0**-1040), np.pi]])
    network = Network.of((awkward, [1e-17, -1e22]), ([[1.0, 2.0]], None))
    to_nnet(network, tmp_path / "net.nnet")
    assert from_nnet(tmp_path / "net.nnet") == network


def test_written_header_is_that_of_the_format(tmp_path):
    to_nnet(NETWORK, tmp_path / "net.nnet")
    lines = (tmp_path / "net.nnet").read_text().splitlines()
    assert lines[0].startswith("//")
    assert lines[1:4] == ["2,2,1,3,", "2,3,1,", "0,"]
    assert [line.count(",") for line in lines[4:8]] == [2, 2, 3, 3]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("7.0,\n", "", "7 lines|8 lines|has 7"),
        ("3.0,4.0,", "3.0,", "W1 has 1 entries"),
        ("2,3,1,", "2,3,2,", "announces"),
        ("7.0,", "seven,", "not a readable nnet"),
    ],
)
def test_what_does_not_fit_the_header(write, old, new, message):
    with pytest.raises(ReadError, match=message):
        from_nnet(write(HAND_WRITTEN.replace(old, new)))


@pytest.mark.parametrize("text", ["", "just text\n", "// only a comment\n", "1\n" * 20, "é" * 30])
def test_other_files_are_refused(write, text):
    with pytest.raises(ReadError):
        from_nnet(write(text))


def test_dialects(write):
    """Blanks for commas, a comment that is not English, one number that says there is no normalisation."""
    blanks = HAND_WRITTEN.replace(",\n", "\n").replace(",", " ")
    assert from_nnet(write(blanks.replace("// a comment", "// réseau"))) == NETWORK
    for spread in ("0,", "1.0,"):
        text = HAND_WRITTEN.replace("0.0,0.0,0.0,", "0,").replace("1.0,1.0,1.0,", spread)
        assert from_nnet(write(text)) == NETWORK


def test_a_normalisation_of_another_size_is_refused(write):
    for old, new in (
        ("0.0,0.0,0.0,", "0.0,0.0,"),
        ("0.0,0.0,0.0,", "5.0,"),
        ("1.0,1.0,1.0,", "1.0,"),
    ):
        with pytest.raises(ReadError, match="means and ranges"):
            from_nnet(write(HAND_WRITTEN.replace(old, new)))
