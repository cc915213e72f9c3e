# Prints the output of the job one-key, counting a thousand values at once.
{ count += 1000; total += 1000 * $1 }
END { printf "key\t%d %.0f\n", count, total }
