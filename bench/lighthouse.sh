#!/usr/bin/env bash
# Lighthouse's mobile preset on one page per stage and demo house, each several times; prints the medians as a table.
#   bench/lighthouse.sh                     serves a demo of its own on 127.0.0.1:${PORT:-8144}
#   bench/lighthouse.sh BASE_URL DEMO.json  takes a demo that is served, and what `manage.py demo --json` says of it
# RUNS (3) is how often; STAGES and HOUSES narrow it down. Needs Node, npm and a Chromium on PATH.
# A chip link is used up by its first opening and Lighthouse opens pages anew, hence the printed codes.
set -euo pipefail
cd "$(dirname "$0")/.."

RUNS=${RUNS:-3} PORT=${PORT:-8144} PYTHON=${PYTHON:-.venv/bin/python}
STAGES=${STAGES:-discovery unboxing onboarding ownership maturity resale retired}
HOUSES=${HOUSES:-corvane ysolde kronfeldt}
CHROME_PATH=$(command -v chromium || command -v chromium-browser || command -v google-chrome) ||
  { echo "No Chromium was found on PATH." >&2; exit 1; }
export CHROME_PATH
folder=$(mktemp -d)
server=
tidy() { [ -z "$server" ] || kill "$server" 2>/dev/null || true; [ -z "$server" ] || wait "$server" || true; rm -rf "$folder"; }
trap tidy EXIT

serve() {
  export DATABASE_URL="sqlite:///$folder/demo.sqlite3" DATA_DIR="$folder" CACHE_URL=locmemcache://lighthouse
  export LOG_LEVEL=ERROR PORT PUBLIC_BASE_URL="http://127.0.0.1:$PORT"
  "$PYTHON" config/bootstrap.py
  "$PYTHON" manage.py migrate -v0
  "$PYTHON" manage.py demo --units 1 --json >"$folder/demo.json"
  "$PYTHON" -m gunicorn -c deploy/gunicorn.conf.py --log-level warning &
  server=$!
  for _ in $(seq 60); do (exec 3<>"/dev/tcp/127.0.0.1/$PORT") 2>/dev/null && return; sleep 0.5; done
  echo "The demo's server did not come up on port $PORT." >&2; exit 1
}

if [ $# -ge 2 ]; then base=$1 demo=$2; else serve; base=http://127.0.0.1:$PORT demo=$folder/demo.json; fi
npm install --silent --ignore-scripts --no-audit --no-fund --prefix "$folder/npm" lighthouse@12 >/dev/null

measure() { # url, report
  "$folder/npm/node_modules/.bin/lighthouse" "$1" --quiet --output=json --output-path="$2" \
    --only-categories=performance,accessibility,best-practices,seo \
    --chrome-flags="--headless=new --no-sandbox --disable-gpu --disable-background-networking --disable-component-update"
}

links() { # prints: house stage url
  "$PYTHON" - "$demo" "$base" "$HOUSES" "$STAGES" <<'PY'
import json, sys
from urllib.parse import urlsplit
demo, base, houses, stages = sys.argv[1:]
units = json.load(open(demo))["units"]
for house in houses.split():
    for stage in stages.split():
        unit = next(u for u in units if (u["brand"], u["stage"]) == (house, stage))
        print(house, stage, base.rstrip("/") + urlsplit(unit["qr_url"]).path)
PY
}

mkdir "$folder/reports"
links >"$folder/links"
while read -r house stage url <&4; do
  for run in $(seq "$RUNS"); do
    report=$folder/reports/$house.$stage.$run.json
    measure "$url" "$report" || { sleep 3; measure "$url" "$report"; } # Chromium sometimes fails to start
  done
done 4<"$folder/links"

"$PYTHON" - "$folder/reports" <<'PY'
import json, pathlib, statistics, sys
runs = {}
for path in sorted(pathlib.Path(sys.argv[1]).iterdir()):
    house, stage, _run, _json = path.name.split(".")
    runs.setdefault((house, stage), []).append(json.loads(path.read_text()))
print("| house | stage | performance | accessibility | best practices | SEO | LCP s | KiB | requests |")
print("|---|---|---|---|---|---|---|---|---|")
below = {}
for (house, stage), reports in runs.items():
    def median(read):
        return statistics.median(read(report) for report in reports)
    scores = [median(lambda r, c=c: round(100 * r["categories"][c]["score"])) for c in
              ("performance", "accessibility", "best-practices", "seo")]
    lcp = median(lambda r: r["audits"]["largest-contentful-paint"]["numericValue"]) / 1000
    size = median(lambda r: r["audits"]["total-byte-weight"]["numericValue"]) / 1024
    asked = median(lambda r: len(r["audits"]["network-requests"]["details"]["items"]))
    print(f"| {house} | {stage} |" + "".join(f" {score:g} |" for score in scores) + f" {lcp:.2f} | {size:.1f} | {asked:g} |")
    for report in reports:
        for name in ("performance", "accessibility", "best-practices", "seo"):
            for ref in report["categories"][name]["auditRefs"]:
                score = report["audits"][ref["id"]]["score"]
                if ref["weight"] and score is not None and score < 0.95:
                    below.setdefault(f"{name}: {ref['id']}", set()).add(f"{house} {stage}")
for audit, pages in sorted(below.items()):
    print(f"\nin some run below 95 by {audit}: {len(pages)} of {len(runs)} pages", end="")
print()
PY
