"""How answers are told: words, figures as shown, and the JSON that clients rely on."""
