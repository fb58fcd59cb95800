"""The 13 benchmarks of the printed neural network literature, each described once, as data.

Checksums, citations and preprocessing were established by rebuilding the published splits from
the raw files. All data sets are in the UCI Machine Learning Repository under CC BY 4.0 (stated
for most, assumed for acute_inflammation, mammographic_mass and seeds).
"""

from collections.abc import Mapping
from functools import partial

from printron.datasets import generated, parsers
from printron.datasets.benchmark import Benchmark
from printron.datasets.files import RawFile

_UCI = "https://archive.ics.uci.edu/ml/machine-learning-databases"


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_ENERGY_FILE = RawFile(
    name="ENB2012_data.xlsx",
    size_bytes=76189,
    sha256="0089fcffc1415e41e2ff63730cca5280efe54fc43d722dfde1b0aaa808e35dc4",
    url=f"{_UCI}/00242/ENB2012_data.xlsx",
)
_ENERGY_CITATION = (
    "Tsanas, A. & Xifara, A. (2012). Energy Efficiency. UCI Machine Learning Repository. "
    "https://doi.org/10.24432/C51307"
)
_ENERGY_FEATURES = _words(
    "relative_compactness surface_area wall_area roof_area overall_height "
    "orientation glazing_area glazing_area_distribution"
)
_VERTEBRAL_ZIP = "899ed1d137ceb4c36d59fa35f3cbab39ec3b78fd3ca1fdaf2fae155459c1372f"
_VERTEBRAL_CITATION = (
    "Barreto, G. & Neto, A. (2005). Vertebral Column. UCI Machine Learning Repository. "
    "https://doi.org/10.24432/C5K89B"
)
_VERTEBRAL_FEATURES = _words(
    "pelvic_incidence pelvic_tilt lumbar_lordosis_angle sacral_slope pelvic_radius "
    "spondylolisthesis_grade"
)

_ALL = (
    Benchmark(
        name="acute_inflammation",
        title="Acute Inflammations (of the urinary bladder)",
        files=(
            RawFile(
                name="diagnosis.data",
                size_bytes=7276,
                sha256="5d0b61049992b8327aa847f916f3389ec08f74b43dbb3fc5222ac07185d7c88f",
                url=f"{_UCI}/acute/diagnosis.data",
            ),
        ),
        parse=parsers.acute_inflammation,
        citation=(
            "Czerniak, J. & Zarzycki, H. (2003). Application of rough sets in the presumptive "
            "diagnosis of urinary system diseases. Artificial Intelligence and Security in "
            "Computing Systems, Kluwer, 41-51."
        ),
        rows=120,
        feature_names=_words(
            "temperature nausea lumbar_pain urine_pushing micturition_pains urethra_burning"
        ),
        class_names=("no inflammation", "inflammation"),
    ),
    Benchmark(
        name="balance_scale",
        title="Balance Scale",
        files=(),
        parse=generated.balance_scale,
        citation=(
            "Siegler, R. (1976). Balance Scale. UCI Machine Learning Repository. "
            "https://doi.org/10.24432/C5488X"
        ),
        rows=625,
        feature_names=("left_weight", "left_distance", "right_weight", "right_distance"),
        class_names=("balanced", "left", "right"),
    ),
    Benchmark(
        name="breast_cancer_wisconsin",
        title="Breast Cancer Wisconsin (Original)",
        files=(
            RawFile(
                name="breast-cancer-wisconsin.data",
                size_bytes=19889,
                sha256="402c585309c399237740f635ef9919dc512cca12cbeb20de5e563a4593f22b64",
                url=f"{_UCI}/breast-cancer-wisconsin/breast-cancer-wisconsin.data",
            ),
        ),
        parse=parsers.breast_cancer_wisconsin,
        citation=(
            "Wolberg, W. (1990). Breast Cancer Wisconsin (Original). UCI Machine Learning "
            "Repository. https://doi.org/10.24432/C5HP4Z"
        ),
        rows=699,
        feature_names=_words(
            "clump_thickness cell_size_uniformity cell_shape_uniformity "
            "marginal_adhesion epithelial_cell_size bare_nuclei bland_chromatin "
            "normal_nucleoli mitoses"
        ),
        class_names=("benign", "malignant"),
    ),
    Benchmark(
        name="cardiotocography",
        title="Cardiotocography (3 classes)",
        files=(
            RawFile(
                name="CTG.xls",
                size_bytes=1743872,
                sha256="d6aa62e82625e59f9d5b05bc8fc52af9ea67bdf2a23f1faca8511d5618fcb421",
                url=f"{_UCI}/00193/CTG.xls",
            ),
        ),
        parse=parsers.cardiotocography,
        citation=(
            "Campos, D. & Bernardes, J. (2000). Cardiotocography. UCI Machine Learning "
            "Repository. https://doi.org/10.24432/C51S4N"
        ),
        rows=2126,
        feature_names=_words(
            "LB AC FM UC DL DS DP ASTV MSTV ALTV MLTV Width Min Max Nmax Nzeros Mode Mean Median "
            "Variance Tendency"
        ),
        class_names=("normal", "suspect", "pathologic"),
        adjust={"published": parsers.rounded_ctg_rates},
    ),
    Benchmark(
        name="energy_y1",
        title="Energy Efficiency (heating load in 3 classes)",
        files=(_ENERGY_FILE,),
        parse=partial(parsers.energy, load_column=8),
        citation=_ENERGY_CITATION,
        rows=768,
        feature_names=_ENERGY_FEATURES,
        class_names=("low", "medium", "high"),
    ),
    Benchmark(
        name="energy_y2",
        title="Energy Efficiency (cooling load in 3 classes)",
        files=(_ENERGY_FILE,),
        parse=partial(parsers.energy, load_column=9),
        citation=_ENERGY_CITATION,
        rows=768,
        feature_names=_ENERGY_FEATURES,
        class_names=("low", "medium", "high"),
    ),
    Benchmark(
        name="iris",
        title="Iris",
        files=(),
        parse=generated.iris,
        citation=(
            "Fisher, R. (1936). Iris. UCI Machine Learning Repository. "
            "https://doi.org/10.24432/C56C76"
        ),
        rows=150,
        feature_names=("sepal_length", "sepal_width", "petal_length", "petal_width"),
        class_names=("setosa", "versicolor", "virginica"),
        adjust={"published": generated.iris_as_at_uci},
    ),
    Benchmark(
        name="mammographic_mass",
        title="Mammographic Mass",
        files=(
            RawFile(
                name="mammographic_masses.data",
                size_bytes=13450,
                sha256="072051c896fb14f8f25c64eed30ba1333290af41e6c9ffad4e1ca573daa865a8",
                url=f"{_UCI}/mammographic-masses/mammographic_masses.data",
            ),
        ),
        parse=parsers.mammographic_mass,
        citation=(
            "Elter, M. (2007). Mammographic Mass. UCI Machine Learning Repository. "
            "https://doi.org/10.24432/C53K6Z"
        ),
        rows=961,
        feature_names=("bi_rads", "age", "shape", "margin", "density"),
        class_names=("benign", "malignant"),
        adjust={"clean": parsers.corrected_bi_rads},
    ),
    Benchmark(
        name="pendigits",
        title="Pen-Based Recognition of Handwritten Digits",
        files=(
            RawFile(
                name="pendigits.tra",
                size_bytes=502098,
                sha256="e2b9eb9f0d0467e2b64a4816a3420edf2b8043447576f4b84337aba44a9f97d3",
                url=f"{_UCI}/pendigits/pendigits.tra",
            ),
            RawFile(
                name="pendigits.tes",
                size_bytes=234366,
                sha256="8bd03229c5c5291fefe43e45465dd948d2645bf23328b9d993e0b777666b2015",
                url=f"{_UCI}/pendigits/pendigits.tes",
            ),
        ),
        parse=parsers.pendigits,
        citation=(
            "Alpaydin, E. & Alimoglu, F. (1996). Pen-Based Recognition of Handwritten Digits. "
            "UCI Machine Learning Repository. https://doi.org/10.24432/C5MG6K"
        ),
        rows=10992,
        feature_names=tuple(f"{axis}{point}" for point in range(1, 9) for axis in "xy"),
        class_names=tuple("0123456789"),
        standardised=False,
    ),
    Benchmark(
        name="seeds",
        title="Seeds (varieties of wheat)",
        files=(
            RawFile(
                name="seeds_dataset.txt",
                size_bytes=9300,
                sha256="1f3f83c0d8485ae9148061389d19628607e3f5660e3d6f40ec9102fb398bb12f",
                url=f"{_UCI}/00236/seeds_dataset.txt",
            ),
        ),
        parse=parsers.seeds,
        citation=(
            "Charytanowicz, M., Niewczas, J., Kulczycki, P., Kowalski, P. & Lukasik, S. (2010). "
            "Seeds. UCI Machine Learning Repository. https://doi.org/10.24432/C5H30K"
        ),
        rows=210,
        feature_names=_words(
            "area perimeter compactness kernel_length kernel_width asymmetry groove_length"
        ),
        class_names=("Kama", "Rosa", "Canadian"),
    ),
    Benchmark(
        name="tic_tac_toe",
        title="Tic-Tac-Toe Endgame",
        files=(),
        parse=generated.tic_tac_toe,
        citation=(
            "Aha, D. (1991). Tic-Tac-Toe Endgame. UCI Machine Learning Repository. "
            "https://doi.org/10.24432/C5688J"
        ),
        rows=958,
        feature_names=tuple(
            f"{row}_{column}"
            for row in ("top", "middle", "bottom")
            for column in ("left", "centre", "right")
        ),
        class_names=("x does not win", "x wins"),
    ),
    Benchmark(
        name="vertebral_2c",
        title="Vertebral Column (2 classes)",
        files=(
            RawFile(
                name="column_2C.dat",
                size_bytes=11796,
                sha256="79cab246a0d4a1863c27095e30729aea5ce2b5e7241e5c01d7e31a55173cf6d2",
                url=f"{_UCI}/00212/vertebral_column_data.zip",
                zip_sha256=_VERTEBRAL_ZIP,
            ),
        ),
        parse=partial(parsers.vertebral, codes=("AB", "NO")),
        citation=_VERTEBRAL_CITATION,
        rows=310,
        feature_names=_VERTEBRAL_FEATURES,
        class_names=("abnormal", "normal"),
    ),
    Benchmark(
        name="vertebral_3c",
        title="Vertebral Column (3 classes)",
        files=(
            RawFile(
                name="column_3C.dat",
                size_bytes=11796,
                sha256="fb5fc4ae49d9f2586158f3368058309364ec3153954cd2ff01fb15d739fe552f",
                url=f"{_UCI}/00212/vertebral_column_data.zip",
                zip_sha256=_VERTEBRAL_ZIP,
            ),
        ),
        parse=partial(parsers.vertebral, codes=("DH", "NO", "SL")),
        citation=_VERTEBRAL_CITATION,
        rows=310,
        feature_names=_VERTEBRAL_FEATURES,
        class_names=("hernia", "normal", "spondylolisthesis"),
    ),
)

BENCHMARKS: Mapping[str, Benchmark] = {benchmark.name: benchmark for benchmark in _ALL}
