"""Sentences for ``linking.py``: frames for titles, and words that are titles, meant as such or not."""

from __future__ import annotations

OTHER_FRAMES = (
    "Last night I saw {} and it blew me away",
    "Honestly, {} bored me",
    "Recommend me a movie similar to {}, please",
    "do you like {}?",
    "I grew up with {}",
    "My wife can't stand {}",
    "Anything in the vein of {}?",
    "{} was fantastic",
    "I've watched {} three times",
    "We both enjoyed {}, what else is there?",
)

OTHER_BOOK_FRAMES = (
    "I just finished reading {} and want more",
    "Honestly, {} bored me",
    "Recommend me a book similar to {}, please",
    "did you like {}?",
    "I grew up with {}",
    "My wife can't put down {}",
    "Anything in the vein of {}?",
    "{} was fantastic",
    "I've read {} three times",
    "We both enjoyed {}, what else is there?",
)

PLAIN = """
our third date is on Friday
I work late every friday so a short one please
my robots never do what I tell them, I teach engineering
do you have anything about robots that is not too violent
mom is visiting this weekend and she hates gore
My mom and I usually pick something together
we have two dogs and they bark at the screen
I like dogs so anything with animals is fine
he fell asleep because of football again
the kids play football until six
the heat here is awful, so we stay inside all day
we turned the heat up and made popcorn
my internet speed is terrible today
I read the signs at the station but missed my train
There were signs all over the road.
the crash on the highway made us late
my computer had a crash last week
can you speak up, it is loud in here
I gave it to her yesterday and she was happy
stay at home tonight, says the doctor
how much time do we have?
our house is full of people right now
what a game that was, they lost in the last minute
so what is next on your list
that is a big problem for me
my whole family is coming over
we have no money for the theater this month
could I get a glass of water first
my grandfather was in the war
I hope you can help me out
some friends are coming round for pizza
I got lost twice on the way here
the living room is too small for six of us
that sounds like fun!
what would you show kids of about nine?
I am in college so I am broke
my mother would never sit through that
her parents said no to anything scary
we had a test in school today
the gold ones are my favorite shoes
the girls want something they can sing along to
he thinks he is the king of the castle
the boy next door told me about this site
I will drive there in the morning
I bought it when I lived in China
the race starts at noon so I need something short
everyone is talking about the election, I need a break
I am getting my hair done at five
there is nothing on earth that scares me
My sister moved to Australia last year.
My colleague Paul told me to ask you.
Paul said he would call me back
heard the song on the radio this morning
I cannot focus on long stories after work
please contact me if you find anything
I have two jobs and little free time
the train was late again
what do you do on the weekend?
We always order pizza on Sunday.
it is a secret, do not tell anyone
my brother loves fast cars
there was a murder in our street, so no crime please
the queen visited our town once
my flight leaves in three hours and I need something for the ride
traffic was bad this morning
I am stuck at the airport in Chicago
one more click and I am done
Jack said that you are good at this
he gave her a ring on their anniversary
are you alive? you are so quiet
it worked like magic, thank you
the moon was so bright last night
my son Ben is seven and loves trucks
you are my hero, thanks
we are out of milk again
a bird flew into the window
a giant pizza and a couch, that is my plan
too much salt in the popcorn
the rent is due so I stay in
She flew in from Brazil on Monday.
I brushed my teeth and am ready for bed
there is a fish tank in my office
what a joy to talk to you
my daughter wants to be a princess
I do not care much for hollywood
the kids still believe in Santa
there is a monster under my bed, says my son
our cats sleep all day
she looked like she had seen a ghost
we are on vacation and bored
the passengers were angry about the delay
he is off the hook this time
honey, come here and look at that
we saw bears in the park
we stay up until midnight
the tiger at the zoo was asleep
my kids are asking about mars and the planets
there is a brick wall outside my window
the toys are all over the floor
I want to be a chef one day
I took a taxi because of the rain
I have no clue what I want
we went to the casino and lost everything
there is a lot of sunshine today
my sister is having twins
there is an elephant in the room
we tied it to the roof with a rope
I am on the subway so my signal is bad
are vampires still a thing?
lamb is what we eat at easter
I left the notebook on my desk
can I order a cocktail with that
there are mirrors on every wall
who did you go to prom with?
the popcorn was stale
my son wants to know what is inside a volcano
his favorite animal is a dinosaur
that perfume gives me a headache
there was grease on the stove
my kid eats three bananas a day
I am not a gamer at all
one mosquito kept me awake
I need new sneakers
I have a terrible hangover today
did you catch the game last night?
that is the one I told you about
no, the other one please
put it in the box by the door
thanks for the help
I missed the call from my boss
it is date night and we cannot agree on anything
we will have a date night soon
see you next friday then
next Friday works for me
she was home alone and got bored
rush hour is awful in this city
we are planning a road trip with my cousins
I am pretty old school about these things
get out of here, really?
our first date went well
my step brothers are staying with us
big business pays for all of that anyway
these are the dog days of summer
there is an open house on our street
we have been best friends for years
he has to go to summer school
she teaches at a high school
the office christmas party was dull
my mom and dad are picky
she goes to night school
it is just a love story, nothing more
nine months from now I will be a father
I gave two weeks notice at work
every day is the same here
all I need is one good thing to watch
I WANT SOMETHING FUNNY FOR THE KIDS
MY MOM HATES HORROR
I LOVE DOGS AND CATS
WE HAVE TIME ON FRIDAY
HOW ABOUT SOMETHING WITH ROBOTS OR CARS
I like action, some comedy and a good romance now and then
do you like football or basketball more?
I love summer and water parks
I really like robots and space stuff
we enjoy family time and board games
my wife likes murder mysteries
I prefer a slow drive home with the radio on
he loves trains, planes and boats
he likes cars, trucks and dinosaurs
I hate traffic
I hate the heat
I could use a hero right now
she loves her cats more than me
try to focus
I need to run, talk to you later
sorry, I was away, the kids needed me
Anything with magic or a princess works for my daughter.
Looking for something about war, but not too bloody.
What do you have that takes place in Chicago?
We are in Philadelphia this week.
I am from Nebraska originally.
My name is Carol, nice to meet you.
Hi, this is Max.
Emma and I are looking for something light.
I think Rebecca would like that.
Jane told me you know everything.
See you on Sunday!
I am free Friday night.
Happy Halloween everyone
We always watch something scary around Halloween.
Have a great weekend!
Have a wonderful holiday
my favorite holiday is Halloween
I want something with a strong mother and daughter story
something set in college with a lot of parties
a story about a boy and his robot
how about something with a spy
a mystery with a good detective
anything about the moon landing or mars
it should have a happy ending, some hope
I am in the mood for romance and a little magic
nothing with ghosts or demons, please
a thriller with a hostage maybe
is there one with a shark or a whale
a film about a chess champion
something about boxing, an underdog fighter
a documentary about jazz or the blues
I need a laugh after this week
can we do something less dark
no more wedding stories
some kind of heist would be cool
I like twists
a good villain matters more than the hero
I like when the dog lives
do you know any good jokes
what is your favorite color
it was raining all day and the kids were bored
we were talking about money all evening
there was water everywhere
she has a test on monday and needs a break
the boss wants me back at nine
ok, seven it is
four of us, two adults and two kids
give me a second
so long!
"""
"""One message a line; none of them names a title."""

MEANT = """
Have you seen [[Friday]]?
have you seen [[friday]] with ice cube
I watched [[Robots]] with my son
we watched [[robots]] yesterday
my kids adore [[Robots]] and [[Cars]]
is [[Mom]] any good?
I rented [[Dogs]] last week
have you ever seen the movie [[football]]
the movie [[heat]] is a classic
I think [[Heat]] has the best shootout
[[Heat (1995)]] please
"[[Heat]]" was great
I saw [[Speed]] in the theater
i watched [[speed]] last night
we just watched [[signs]] again
[[Signs]] and [[The Village]] are my favorites
I loved [[Crash]], so sad
i have seen [[crash]] twice
My daughter loves [[Up]].
we saw "[[up]]" on a plane
a film called [[her]]
I really enjoyed [[Her]]
Yesterday we watched [[It]] together
the movie [[home]] was cute
I heard that [[Lost in Space]], [[The Game]] and [[Heat]] are good
I watched [[The Game]] and did not get it
is [[The Game]] worth it?
have you seen [[the game]] with michael douglas
what about [[The One]]?
we loved [[The Others]]
have you watched [[The Box]]
I just saw [[The Help]]
[[Date Night]] made me laugh
have you seen [[date night]]
i liked [[date night]]
have you seen [[next friday]]
[[Friday]] is funny but [[Next Friday]] is funnier
i love [[home alone]]
[[home alone]] is my favorite christmas movie
how about [[rush hour]]?
i have seen [[rush hour]]
i want something like [[road trip]]
[[old school]] was hilarious
[[Old School]] is a classic
have you seen [[get out]]
I liked [[Get Out]] a lot
my favorite movie is [[step brothers]]
[[Step Brothers]] every time
we saw [[taken]] and [[Taken 2]]
I could watch [[Taken]] all day
"[[Big]]" with Tom Hanks
I saw [[big]] as a kid
the film [[click]] with adam sandler
seen [[click]]?
have you watched [[frozen]]
my niece loves [[Frozen]] and [[Brave]]
Have you seen [[Joy]] or [[Room]]?
i thought [[room]] (2015) was sad
I loved [[Casino]] and [[Goodfellas]]
have you seen [[casino]]
we watched [[jaws]] on vacation
[[jaws]] is a great movie
is [[psycho]] scary?
i've seen [[psycho]] and [[the birds]]
movies like [[alien]] and [[aliens]]
something like [[Alien]] maybe
[[Alien]] is my favorite
I would suggest [[Hook]]
[[Hook]] with Robin Williams is a childhood favorite
I remember [[Twins]], so silly
The kids liked [[Planes]] more than [[Cars]]
I'd say [[Rocky]] is the best one
have you seen [[rocky]]?
I watched [[Paul]] with Seth Rogen
watched [[carol]] last night
the movie [[chicago]]
We saw [[Chicago]] on Broadway and then the film
I recommend [[Halloween]]
have you seen [[halloween]]
try [[Clue]], it is so funny
[[clue]] is such a good movie
i'm thinking of [[clueless]]
did you like [[Grease]]
watched [[Grease]] and [[Dirty Dancing]] a hundred times
I enjoyed [[Gravity]]
I enjoyed [[gravity]] (2013)
my favorites are [[Braveheart]], [[Gladiator]] and [[Troy]]
I also loved [[Drive]]
we saw [[drive]]
I saw [[Split]] and [[Unbreakable]]
did you see [[Arrival]]?
she has seen [[arrival]]
have you seen [[the notebook]]
[[The Notebook]] is so sad
i cried during [[the notebook]]
i loved [[the hangover]]
[[the ring]] scared me to death
have you seen [[ring]]
i like [[titanic]]
[[titanic]] is too long
[[inception]] blew my mind
"""
"""One message a line; the titles meant are in double brackets."""
