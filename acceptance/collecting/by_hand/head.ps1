# Read-Server.ps1 - Clickker acceptance suite. Windows PowerShell 5.1 and later.
#
# English: this script only reads the settings of this server that the question file beside it asks for. It changes
# nothing, installs nothing and connects only to the addresses in the question. It writes exactly one new file, the
# answer (.answer.json), in this folder or at -Path; where that cannot be written, in your folder for temporary files.
# Read that file, then send it to whoever sent you this script.
#
# Nederlands: dit script leest alleen de instellingen van deze server waar het vraagbestand ernaast om vraagt. Het
# wijzigt niets, installeert niets en maakt alleen verbinding met de adressen in de vraag. Het schrijft precies een
# nieuw bestand, het antwoord (.answer.json), in deze map of op -Path; waar dat niet kan, in uw map voor tijdelijke
# bestanden. Lees dat bestand en stuur het naar wie u dit script gaf.
#
# Call / aanroep:   .\Read-Server.ps1
# Every field that it may write, nothing is read / elk veld dat het kan schrijven, er wordt niets gelezen:
#                   .\Read-Server.ps1 -List
# Another question / andere vraag:   .\Read-Server.ps1 -Question .\customer01-web01.ask.json
# It is marked as downloaded / Windows blokkeert het:   Unblock-File -LiteralPath .\Read-Server.ps1
# Ctrl-C ends it and writes what was read so far / Ctrl-C stopt en schrijft wat al gelezen is.
param([string] $Question = '', [string] $Path = '', [switch] $List)
