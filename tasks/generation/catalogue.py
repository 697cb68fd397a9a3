"""Names of articles as tills print them, with the commas, quotes and accents that break careless readers."""

ARTICLES = (
    "Basmati rice",
    "Crème fraîche",
    "Filter coffee, ground",
    'Screen wipes 15"',
    "Jalapeño sauce",
    "Müsli with nuts",
    "Olive oil, extra virgin",
    'Cake tin 9"',
    "Washing powder",
    "Pâté de campagne",
    "Açaí juice",
    "Smörgås crackers",
    "Oat drink",
    "Toothpaste",
    "Sauerkraut, mild",
    "Żurek soup",
    "Masala chai",
    'Bread "Farmhouse"',
    "Dark chocolate",
    "Rye flour",
    "Señorita bananas",
    "Candles",
    "Batteries AA",
    "Kitchen roll",
    "Green tea 緑茶",
)
BRANDS = ("Goodfield", "Alder & Sons", "Corner Shop", "Nordhavn", "O'Malley", "Suryodaya", "La Huerta", "Brown's")
PACKS = ("small", "family pack", "2 for 1", "refill", "organic", "250 g", "1 kg")


def article_names(amount: int) -> list[str]:
    """That many names, no two alike even where letter case and accents do not count."""
    return [_name(number) for number in range(amount)]


def _name(number: int) -> str:
    """Brand, article and pack turn at lengths without a common divisor, so they pair anew each time."""
    brand, article, pack = (words[number % len(words)] for words in (BRANDS, ARTICLES, PACKS))
    edition = number // (len(BRANDS) * len(ARTICLES) * len(PACKS))
    return f"{brand} {article} {pack}" + (f", edition {edition + 1}" if edition else "")
