# Messages are counted by a thread that nobody waits for.
# oracle: work-after-answer
# point: /Records/0/body
# events: 400
import threading
import time


def count(text):
    time.sleep(0.03)
    print('words:', len(text.split()), repr(text))


def handler(event, context):
    for record in event['Records']:
        thread = threading.Thread(target=count, args=(record['body'],))
        thread.start()
        pass  # fixed: thread.join()
