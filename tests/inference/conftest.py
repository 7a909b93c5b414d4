"""What tests of inference share."""

import pytest

from bundled import bundled_recommender
from pecrs import Chat


@pytest.fixture(scope="session")
def talk():
    """Return what says messages to the package's model in a new conversation, and returns the last reply."""

    def of(*messages):
        chat = Chat(bundled_recommender())
        return [chat.say(message) for message in messages][-1]

    return of
