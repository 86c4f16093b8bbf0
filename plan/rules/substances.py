"""What belongs to what a person is allergic to: classes of medicines and foods, by their names, folded.

Sources: British National Formulary, chapter 5 (penicillins) and 10 (NSAIDs), as hospital guidelines list them
(Gloucestershire Hospitals NHS Foundation Trust, penicillin allergy); NICE CG183 (drug allergy: NSAIDs); the fourteen
allergens of the Food Information Regulations 2014. Cross-reactions between classes are a clinician's to weigh: a
cephalosporin is not listed under penicillin.
"""

from collections.abc import Mapping

MEDICINES: Mapping[str, tuple[str, ...]] = {
    "penicillin": (
        "penicillin",
        "amoxicillin",
        "ampicillin",
        "benzylpenicillin",
        "phenoxymethylpenicillin",
        "flucloxacillin",
        "co-amoxiclav",
        "augmentin",
        "co-fluampicil",
        "piperacillin",
        "tazocin",
        "pivmecillinam",
        "temocillin",
        "ticarcillin",
    ),
    "nsaid": ("ibuprofen", "naproxen", "diclofenac", "indometacin", "ketoprofen", "mefenamic", "meloxicam", "etodolac"),
    "sulfonamide": ("co-trimoxazole", "sulfamethoxazole", "sulfadiazine", "sulfasalazine"),
    "opioid": ("codeine", "co-codamol", "morphine", "tramadol", "oxycodone", "fentanyl", "buprenorphine"),
    "codeine": ("codeine", "co-codamol"),
    "paracetamol": ("paracetamol", "co-codamol", "co-dydramol"),
    "trimethoprim": ("trimethoprim", "co-trimoxazole"),
    "aspirin": ("aspirin", "acetylsalicylic"),
}
FOODS: Mapping[str, tuple[str, ...]] = {
    "milk": ("milk", "cheese", "yoghurt", "yogurt", "butter", "cream", "custard"),
    "egg": ("egg", "eggs", "omelette", "meringue", "mayonnaise"),
    "nut": ("almond", "hazelnut", "walnut", "cashew", "pecan", "pistachio", "brazil", "macadamia", "nut", "nuts"),
    "peanut": ("peanut", "peanuts", "groundnut"),
    "gluten": ("gluten", "wheat", "rye", "barley", "bread", "pasta"),
    "crustacean": ("prawn", "prawns", "crab", "lobster", "crayfish", "scampi"),
    "fish": ("fish", "cod", "salmon", "tuna", "haddock", "mackerel"),
    "soya": ("soya", "soy", "tofu"),
}
THINGS: Mapping[str, tuple[str, ...]] = {
    "adhesive": ("elastoplast", "adhesive"),
}
"""By the name of the class: the words that give a member away; a cream that is rubbed in is no food."""
CLASSES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "medicine": MEDICINES,
    "prescription": MEDICINES,
    "instruction": {**FOODS, **MEDICINES},
    "equipment": THINGS,
}
"""Which classes count, by the kind of what is supplied."""
OTHERS: Mapping[str, tuple[str, ...]] = {
    "milk": (
        "almond milk",
        "oat milk",
        "soya milk",
        "soy milk",
        "rice milk",
        "coconut milk",
        "coconut cream",
        "peanut butter",
        "almond butter",
        "cocoa butter",
        "butter beans",
        "cream crackers",
    ),
    "nut": ("ginger nut", "ginger nuts", "monkey nuts", "doughnut"),
}
"""By the name of the class: what only sounds like a member."""
ALSO: Mapping[str, str] = {
    "penicillins": "penicillin",
    "nsaids": "nsaid",
    "non-steroidal anti-inflammatory drugs": "nsaid",
    "anti-inflammatories": "nsaid",
    "sulfonamides": "sulfonamide",
    "sulphonamides": "sulfonamide",
    "opioids": "opioid",
    "opiates": "opioid",
    "nuts": "nut",
    "tree nuts": "nut",
    "peanuts": "peanut",
    "eggs": "egg",
    "cow's milk": "milk",
    "dairy": "milk",
    "shellfish": "crustacean",
    "crustaceans": "crustacean",
    "elastoplast": "adhesive",
    "plasters": "adhesive",
    "natural rubber latex": "latex",
    "rubber latex": "latex",
}
"""Other names of a class."""
