"""Talk of critical people: offers said again in disbelief, names checked, choices taken back, titles seen and hated."""

import pytest

from bundled import bundled_recommender
from pecrs import Chat


def talk(*messages):
    """Return the last reply of a conversation."""
    chat = Chat(bundled_recommender())
    return [chat.say(message) for message in messages][-1]


def names(items):
    catalogue = bundled_recommender().catalogue
    return [catalogue[item].name for item in items]


@pytest.mark.parametrize(
    ("messages", "wanted", "avoided"),
    [
        (
            ["something about the sea", "An animated film? He's 80. A proper film with ships."],
            ["ship"],
            ["animation"],
        ),
        (["a crime comedy", "A crime comedy? I asked for something like Lost in Translation"], [], ["crime", "comedy"]),
        (["a sci-fi film in Spanish", "From 1997... I said after 2010, sci-fi"], ["sci-fi", "2011 or later"], []),
        (["a film about chess", "bit inspirational for me. I want the darker side"], ["chess", "dark"], ["inspiring"]),
        (["something for us both", "Suicide is a bit close to home, I'd skip that"], [], ["about suicide"]),
        (["a gentle film", "swords aren't quiet. Something else"], ["gentle"], []),
        (["a love story", "no comedies about crime"], ["romance"], ["comedy", "crime"]),
        (["I want it in Spanish, French, Korean, whatever"], ["Spanish or French or Korean"], []),
        (["a sci-fi film", "something in another language"], ["sci-fi", "foreign"], []),
        (["a comedy in French", "I give up on French"], ["comedy"], []),
        (["set in Japan, slow, about a family"], ["Japan", "slow"], []),
        (
            ["after 1990, two people walking and talking would be lovely"],
            ["1991 or later", "walking and talking"],
            [],
        ),
        (["a crime film with a woman as the detective"], ["crime", "strong female lead"], []),
        (["I want to feel really creeped out. More like dread."], ["horror"], []),
        (["ghosts but no kids getting hurt"], ["ghosts"], ["hard on children"]),
    ],
)
def test_what_is_wanted_and_what_is_not(messages, wanted, avoided):
    state = talk(*messages).state
    assert sorted(map(str, state.wanted)) == sorted(wanted)
    assert set(avoided) <= set(map(str, state.avoided))


def test_an_offer_said_again_loudly_is_turned_down_and_not_explained():
    offered = talk("something like Amélie")
    title = offered.items[0].item.title
    reply = talk("something like Amélie", f"{title}?! I asked for a funny film. No.")
    assert title not in reply.text.split(". ")[0]
    assert reply.items
    assert reply.items[0].item.title != title


@pytest.mark.parametrize(
    ("message", "liked", "disliked", "seen"),
    [
        ("Psycho I've seen.", [], [], ["Psycho (1960)"]),
        ("The Sixth Sense I know by heart. What else?", [], [], ["The Sixth Sense (1999)"]),
        ("I've seen Heat. And the Godfather films.", [], [], ["Heat (1995)", "The Godfather Part III (1990)"]),
        ("I've seen all the Before films", [], [], ["Before Sunrise (1995)", "Before Midnight (2013)"]),
        (
            "Films I love: In the Mood for Love, Lost in Translation, Her. Films I can't stand: Call Me by Your Name.",
            ["In the Mood for Love (2000)", "Lost in Translation (2003)", "Her (2013)"],
            ["Call Me by Your Name (2017)"],
            [],
        ),
        ("Think Before Sunrise.", ["Before Sunrise (1995)"], [], []),
        ("what would a fan of Lost in Translation like?", ["Lost in Translation (2003)"], [], []),
    ],
)
def test_titles_that_are_seen_loved_and_hated(message, liked, disliked, seen):
    state = talk(message).state
    assert set(liked) <= set(names(state.liked))
    assert set(disliked) <= set(names(state.disliked))
    assert not set(disliked) & set(names(state.liked))
    assert set(seen) <= set(names(state.seen))


@pytest.mark.parametrize(
    ("messages", "told"),
    [
        (["is Sunshine 2007 there?", "sunshine.. danny boyle?"], "Yes, Sunshine (2007) was directed by Danny Boyle."),
        (["is Heat there?", "heat, thats al pacino right? is it long"], "Al Pacino"),
        (["what about Hugo?", "Hugo is over two hours isn't it?"], "Yes, Hugo (2011) runs 126 minutes."),
        (
            ["what about Hugo?", "that's under 90 minutes, right?"],
            "Not as far as I know: Hugo (2011) runs 126 minutes.",
        ),
        (["what about Babe?", "does an animal die in that?"], "has animal death"),
        (["what about Babe?", "I asked if any of the animals die"], "has animal death"),
        (["What about Babe, does that suit his age?"], "suits small children"),
        (["which of Inside Man and Heist (2001) is more like The Usual Suspects?"], "I'd say Inside Man (2006)"),
        (["Heat or The Departed, which is better?"], "I'd say The Departed (2006): it won 4 Academy Awards"),
        (["What? I didn't ask for a film. Was Casino acclaimed?"], "Yes, Casino (1995) was acclaimed."),
    ],
)
def test_questions_are_answered_and_nothing_is_offered(messages, told):
    reply = talk(*messages)
    assert told in reply.text
    assert not reply.items


@pytest.mark.parametrize(
    ("messages", "first"),
    [
        (["a mystery", "ok sold. actually wait, my sister hates dark stuff. something fun"], ""),
        (["a heist film", "not in the mood for serious. funny heist then"], ""),
        (["Thanks! I'll watch New World. And then something like it, but with less gore"], "Enjoy|enjoy|Have fun"),
    ],
)
def test_who_settles_and_asks_on_gets_both(messages, first):
    reply = talk(*messages)
    assert reply.items
    assert any(word in reply.text for word in first.split("|"))


@pytest.mark.parametrize(
    ("message", "unknown"),
    [
        ("Is there a Moby Dick or Mutiny on the Bounty?", "Mutiny on the Bounty"),
        ("Have you got Tokyo Story or Still Walking?", "Tokyo Story or Still Walking"),
        ("a submarine film, maybe The Enemy Below or Run Silent Run Deep?", "The Enemy Below or Run Silent Run Deep"),
        ("Is there Das Boot?", "Das Boot"),
    ],
)
def test_titles_that_are_not_there_are_said_so(message, unknown):
    assert talk(message).text.startswith(f"Sorry, {unknown} isn't among the films I know.")


@pytest.mark.parametrize(
    ("messages", "told"),
    [
        (["what about K-19: The Widowmaker?", "K-19 sounds right. Who's in it?"], "Harrison Ford"),
        (["is Thor: Ragnarok there?", "Thor sounds fun, how long is it?"], "Thor: Ragnarok (2017) runs"),
        (["what about Kingpin?", "kingpin eh, who's in it"], "Kingpin (1996) stars"),
        (["is The Iron Giant there?", "I asked whether The Iron Giant suits a seven year old"], "suits children"),
        (["Alien or Aliens - which one should I show to someone who has never seen either?"], "I'd say Alien (1979)"),
        (["is Alien there?", "Who plays Alien's captain?"], "Alien (1979)"),
        (["what about Hugo?", "Doesn't Hugo's father die in a fire?"], "I don't know that about Hugo (2011)."),
        (["what about Juno?", "Does Juno keep the baby?"], "I don't know that about Juno (2007)."),
        (["what about Titanic?", "does Jack die?"], "I don't know that about Titanic (1997)."),
        (["what about Hugo?", "Does Hugo have a happy ending?"], "Hugo (2011) has a happy ending."),
        (["what about The Godfather?", "Is Part III worth it, yes or no?"], "Opinions differ: The Godfather Part III"),
        (["what about The Godfather?", "no, I meant part 2"], "The Godfather Part II (1974)"),
        (["is Alien there?", "is the third one any good?"], "Alien 3 (1992)"),
        (["is Alien there?", "and number two, how long is that?"], "Aliens (1986)"),
        (["is The Iron Giant OK for a 6-year-old?"], "The Iron Giant (1999) is rated PG"),
        (["Is Alien 3 OK for a teenager?"], "Alien 3 (1992) is rated R"),
        (["heyyy so uh never used one of these. u any good?"], "I recommend films."),
        (["how does this work?"], "I recommend films."),
        (["a heist", "just askin, is it b&w?"], "Heist (2001)"),
    ],
)
def test_what_is_asked_of_the_film_at_hand_is_asked_of_it(messages, told):
    reply = talk(*messages)
    assert told in reply.text
    assert not reply.items


@pytest.mark.parametrize(
    ("message", "unknown"),
    [
        ("Something like Baraka or Koyaanisqatsi", ["Baraka", "Koyaanisqatsi"]),
        ("slow films like Baraka, Samsara", ["Baraka"]),
        ("something warm, like Bread and Tulips or Mid-August Lunch", ["Bread and Tulips", "Mid-August Lunch"]),
        ("something set in cities like Paris and Rome", []),
        ("any films with Louis de Funès?", ["Louis de Funès"]),
        ("Is Louis de Funès in Delicatessen?", ["Louis de Funès"]),
        ("a film about Ludwig van Beethoven", ["Ludwig van Beethoven"]),
        ("No, I meant something like Ozu", ["Ozu"]),
        ("a film in the style of Ozu", ["Ozu"]),
        ("something like Tarkovsky or Ozu", []),
        ("anything by Guillermo del Toro, or Lars von Trier?", []),
        ("something with Daniel Day-Lewis", []),
    ],
)
def test_names_that_are_not_there(message, unknown):
    text = talk(message).text
    assert all(name in text for name in unknown)
    assert ("Sorry" in text or "not in my" in text or "don't have" in text) == bool(unknown)


@pytest.mark.parametrize(
    ("messages", "wanted", "avoided"),
    [
        (["something like mr bean"], [], []),
        (["a film with Mr. Bean"], ["Sean Bean"], []),
        (["like robbin banks"], [], []),
        (["something with Al Pacino", "smth similar but w/o pacino"], [], ["Al Pacino"]),
        (["a creepy film w/o jump scares"], ["horror"], ["full of jump scares"]),
        (["a comedy, not for kiddies"], ["comedy"], ["family"]),
        (["something with a cruel teacher"], [], []),
    ],
)
def test_short_forms_and_words_that_are_no_names(messages, wanted, avoided):
    state = talk(*messages).state
    assert [str(entry) for entry in state.wanted] == wanted
    assert [str(entry) for entry in state.avoided] == avoided


@pytest.mark.parametrize(
    ("messages", "begins"),
    [
        (
            ["Is Casino like Goodfellas?"],
            "Yes: Casino (1995) and Goodfellas (1990) were both directed by Martin Scorsese",
        ),
        (["Is Mad Max 2 more like Mad Max: Fury Road?"], "Yes: Mad Max 2 (1981)"),
        (["Is Whiplash similar to Black Swan?"], "In part: Whiplash (2014) and Black Swan (2010) are both drama"),
        (
            ["Is Amadeus anything like Toy Story?"],
            "Not much, as far as I can tell: Amadeus (1984) and Toy Story (1995)",
        ),
        (["something like Heat", "Does it feel like Collateral at all?"], "Yes: "),
        (["Is Fierce Creatures by the same people as A Fish Called Wanda?"], "Yes: Fierce Creatures (1997)"),
        (["What do Mystic River and Prisoners have in common?"], "Mystic River (2003) and Prisoners (2013) are both"),
        (
            ["What about Mystic River?", "why would I like it if I loved Prisoners?"],
            "Mystic River (2003) and Prisoners",
        ),
        (
            ["Everybody tells me to watch Inception. I hated Interstellar. Will I like it?"],
            "Maybe not: Inception (2010)",
        ),
        (["Would someone who hates Interstellar like Inception?"], "Maybe not: Inception (2010) is much like"),
        (["Is it true that Heat is like Collateral?"], "Yes: Heat (1995) and Collateral (2004) were both directed"),
        (["which one would you take, Gravity or Moon?"], "I'd say Gravity (2013)"),
        (["compare Alien and The Thing", "so which one for tonight?"], "I'd say Alien (1979)"),
        (["Is the sequel to Alien any good?"], "I'd say so: Aliens (1986)"),
        (["Is Shutter Island as good as Memento?"], "I'd say Memento (2000)"),
        (["Alien or Aliens - which one should I show to someone who has never seen either?"], "I'd say Alien (1979)"),
        (
            ["Event Horizon - how gory is it compared to Alien?"],
            "They are alike in that: Event Horizon (1997) has gore",
        ),
        (["Is Coraline too scary for a 7 year old?"], "I'd say so: Coraline (2009)"),
        (["Is Babe too sad for a 6 year old?"], "I'd say not: Babe (1995) suits small children."),
        (["Is Mary Poppins too long for a six year old?"], "Rather long for a child: Mary Poppins (1964)"),
        (["Is Toy Story too long for small kids?"], "I'd say not: Toy Story (1995) runs 81 minutes."),
        (["dances with wolves is like 3 hrs innit"], "Yes, Dances with Wolves (1990) runs 181 minutes."),
        (
            ["What about Manon des Sources?", "it's rather a revenge story, no?"],
            "Yes, Manon des Sources (1986) is tagged",
        ),
        (["We just finished The Godfather. Is the sequel as good?"], "I'd say so: The Godfather Part II (1974)"),
        (
            ["Can I start with Fury Road without having seen the others?"],
            "Mad Max: Fury Road (2015) is number 4 of its",
        ),
        (["Is Fury Road a direct sequel or does it stand alone?"], "Mad Max: Fury Road (2015) is number 4 of its"),
        (
            ["Do I have to see the other ones before Before Sunrise?"],
            "Before Sunrise (1995) is the first of its series",
        ),
        (["What about True Lies?", "are there witches in it?"], "What I know of True Lies (1994) doesn't say."),
        (
            ["What about Stalker?", "can I watch it without subtitles?"],
            "Not as far as I know: Stalker (1979) is in Russian.",
        ),
    ],
)
def test_a_judgement_is_given_first(messages, begins):
    reply = talk(*messages)
    assert reply.text.startswith(begins)
    assert not reply.items


def test_which_is_closer_is_of_those_named_before_and_never_of_the_disliked():
    reply = talk(
        "I loved Whiplash and hated La La Land. Recommend a film about an obsessed artist.",
        "Do you have Amadeus or Shine? Which of those is closer to Whiplash?",
    )
    assert "Amadeus (1984) and Whiplash (2014) are both drama and music" in reply.text
    assert "La La Land" not in reply.text


def test_the_next_sentence_is_about_the_pair_that_was_compared():
    reply = talk("What about Mystic River?", "How does it compare to Gone Girl? Which of the two is better?")
    assert reply.text.count("is listed as") <= 2
    assert "I'd say" in reply.text


@pytest.mark.parametrize(
    "messages",
    [
        ["Is there anything like Whiplash?"],
        ["We'll go with Alien. If she likes it, what next, besides the sequels?"],
        ["We loved Hocus Pocus. Something like it", "And a second one for after the pizza, even a bit funnier?"],
        ["something with zombies", "Zombies? For a kid? Please, a children's film with nothing scary."],
        ["a film by Wim Wenders", "What has a dance film to do with Iceland? A film set in Iceland, please."],
    ],
)
def test_what_only_reads_like_a_question_of_an_item_gets_another_one(messages):
    reply = talk(*messages)
    assert reply.items
    assert "know that" not in reply.text
    assert "tagged" not in reply.text.split(". ")[0]
    assert not any("Aliens" in item.item.name for item in reply.items)
