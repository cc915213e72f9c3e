# Counts words, sequences of letters. All bytes from 0x80 on count as letters, but the dash U+2014, which is alone, is not a word.
BEGIN { RS = "[^A-Za-z\200-\377]+" }
{ count[$0]++ }
END { for (word in count) if (word ~ /^[A-Za-z]/) print word "\t" count[word] }
