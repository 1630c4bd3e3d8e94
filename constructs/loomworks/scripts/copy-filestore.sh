# shellcheck shell=sh disable=SC2154
# Sourced by copy-offsite.sh: Odoo's attachments.
#
# Odoo names a file by the SHA-1 of what is in it, writes it before it commits the row that names it, and never changes it. So every
# file of what was committed before this listing is in it, and a name says whether its file is whole. What else lies on the volume,
# sessions above all, is left out.

# The bucket ends objects by their age, and an attachment outlives that: it is sent again at half of it. So many in a run, that
# new ones never wait for long.
resend_after=$((${BUCKET_DAYS:-60} * 86400 / 2))
resend_most=5000

# Usage: send_whole LIST     sends what is whole; adds the others to "damaged", unless Odoo may still be writing them
send_whole() {
  awk -F/ '{ print $NF "  " $0 }' "$1" >"$1.sums"
  sha1sum -c "$1.sums" 2>/dev/null | sed -n 's/: OK$//p' >"$1.whole"
  # Unseen what is there: the name says that it is the same.
  [ ! -s "$1.whole" ] || send --no-check-dest --files-from "$1.whole" . "$target/filestore/"
  comm -23 "$1" "$1.whole" | while read -r file; do find "$file" -mmin +60 2>/dev/null || true; done >>"$work/damaged"
}

# Odoo makes the folder with its first database. By way of files: a shell without pipefail would take what can't be read for empty.
: >"$work/found"
if [ -d "${FILESTORE:-/filestore}/filestore" ]; then
  cd "${FILESTORE:-/filestore}/filestore" || exit 1
  find . -type f >"$work/found"
fi
: >"$work/damaged"
awk -F/ 'NF == 4 && length($4) == 40 && $4 !~ /[^0-9a-f]/ { print substr($0, 3) }' "$work/found" | sort >"$work/here"
rclone lsf --recursive --files-only --use-server-modtime --format tp --separator ' ' "$target/filestore/" >"$work/there"

cut -c 21- "$work/there" | sort | comm -23 "$work/here" - >"$work/new"
send_whole "$work/new"

aged=$(date -u -d "@$((started - resend_after))" '+%Y-%m-%d %H:%M:%S')
awk -v aged="$aged" 'substr($0, 1, 19) < aged' "$work/there" | cut -c 21- | sort | comm -12 "$work/here" - |
  head -n "$resend_most" >"$work/aged"
send_whole "$work/aged"

while read -r file; do log file-damaged "\"file\":\"$file\""; done <"$work/damaged"
bytes=$(xargs stat -c %s <"$work/here" 2>/dev/null | awk '{ total += $1 } END { printf "%.0f", total }')
files=$(wc -l <"$work/here")
# Whoever restores may end the database's recovery at this moment: each attachment of before is there.
printf '{"complete":"%s","files":%s,"bytes":%s}\n' "$(date -u -d "@$started" +%Y-%m-%dT%H:%M:%SZ)" "$files" "$bytes" >"$work/filestore.json"
send --no-check-dest --files-from - "$work" "$target/" <<LIST
filestore.json
LIST
{
  gauge loomworks_filestore_files "$files" "Attachments on the filestore's volume."
  gauge loomworks_filestore_bytes "$bytes" "Bytes of the attachments on the filestore's volume."
  gauge loomworks_filestore_damaged_files "$(wc -l <"$work/damaged")" "Attachments that aren't what they were, of those that the last copy read."
} >>"$work/metrics"
