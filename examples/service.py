"""Talk to the service by its client. The client needs neither a model nor torch; the service may be anywhere.

python examples/service.py [URL]
"""

import subprocess
import sys
from tempfile import TemporaryDirectory

from pecrs import Client


def talk(url: str) -> None:
    """Begin a conversation, judge what is recommended, and ask again."""
    with Client(url) as client:
        conversation = client.start(genres=["comedy"])
        answer = conversation.say("I loved Airplane! (1980). Anything like it?", count=3, recommend=True)
        print(answer.text)
        for entry in answer.items:
            print(f"{entry.rank}. {entry.title}  {entry.score:.2f}")
        conversation.judge(answer.items[0].id, "dislike")
        print(conversation.say("Not that one. What else?", count=3, recommend=True).text)
        for speaker, text in conversation.turns():
            print(f"{speaker}: {text}")
        conversation.delete()


def main() -> None:
    """Talk to the service at the address given, or to one that is started for the purpose."""
    if len(sys.argv) > 1:
        talk(sys.argv[1])
        return
    with TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pecrs.cli", "serve", "--no-auth", "--port", "0"]
        command += ["--database", f"sqlite:///{folder}/conversations.db"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as service:
            try:
                print(line := service.stdout.readline(), end="")
                talk(line.split()[-1])
            finally:
                service.terminate()


if __name__ == "__main__":
    main()
