"""How often a wrong answer that nobody listed is noticed, and gets a word that fits."""
