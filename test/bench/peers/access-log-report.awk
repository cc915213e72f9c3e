# Sums up hits and bytes of each path and status of an access log. A hyphen counts as no bytes.
{ key = $7 " " $9; hits[key]++; bytes[key] += $10 }
END { for (key in hits) printf "%s\t%d %.0f\n", key, hits[key], bytes[key] }
