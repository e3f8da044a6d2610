"""Has OpenAI's own Python client talk to a running `retort serve`: chat, stream, vectors, models, and every fault.

    ./retort serve                                                     # in another window
    python bench/peers/openai_sdk.py http://127.0.0.1:8080/v1          # RETORT_API_KEY is given if it is set

Prints one JSON object; ends with 1 if anything is not as the client expects it of OpenAI.
"""

import argparse
import asyncio
import base64
import json
import os
import struct
import sys

import openai

CHAT = [{"role": "system", "content": "be kind"}, {"role": "user", "content": "i love my dog"},
        {"role": "assistant", "content": "that is nice."}, {"role": "user", "content": "we walk by the river every day"}]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("url", nargs="?", default="http://127.0.0.1:8080/v1")
    url = parser.parse_args().url
    key = os.environ.get("RETORT_API_KEY", "none")
    client = openai.OpenAI(base_url=url, api_key=key, max_retries=0, timeout=60)
    checks = {}

    def check(name, holds, told=None):
        checks[name] = True if holds else {"failed": str(told)}

    def refused(name, kind, call, code=None, param=None):
        """Checks that a call raises this very class of the client's errors, with OpenAI's fields."""
        try:
            answer = call()
        except openai.APIStatusError as error:
            right = type(error) is kind and (code is None or error.code == code) \
                and (param is None or error.param == param) and error.request_id and error.message
            check(name, right, f"{type(error).__name__} {error.code} {error.param}: {error}")
        else:
            check(name, False, answer)

    models = client.models.list()
    names = [model.id for model in models.data]
    check("models.list", "retort" in names, names)
    model = names[0]
    check("models.retrieve", client.models.retrieve(model).id == model)

    plain = client.chat.completions.create(model=model, messages=CHAT, temperature=0.7, max_tokens=50, user="anna")
    text = plain.choices[0].message.content
    check("chat", text and plain.object == "chat.completion" and plain.choices[0].finish_reason == "stop"
          and plain.choices[0].message.role == "assistant" and plain.usage.total_tokens > 0, plain)
    parts, ends, usage = [], [], None
    for chunk in client.chat.completions.create(model="retort", messages=CHAT, stream=True,
                                                stream_options={"include_usage": True}):
        usage = chunk.usage or usage
        for choice in chunk.choices:
            parts.append(choice.delta.content or "")
            ends.append(choice.finish_reason)
    check("chat, stream", "".join(parts) == text, parts)
    check("chat, stream: its end", ends[-1] == "stop" and ends[:-1] == [None] * (len(ends) - 1), ends)
    check("chat, stream: usage", usage is not None and usage.total_tokens > 0, usage)
    several = client.chat.completions.create(model=model, messages=CHAT, n=3)
    check("chat, n", len({choice.message.content for choice in several.choices}) == 3, several)
    parts = client.chat.completions.create(
        model=model, messages=[{"role": "user", "content": [{"type": "text", "text": "do you like tea?"}]}])
    check("chat, content in parts", bool(parts.choices[0].message.content), parts)
    raw = client.chat.completions.with_raw_response.create(model=model, messages=CHAT)
    check("chat, raw response", raw.parse().choices[0].message.content == text and raw.request_id, raw.headers)

    texts = ["we have a dog", "it rains"]
    coded = client.embeddings.create(model=model, input=texts)  # the client asks for base64 by itself
    floats = client.embeddings.create(model=model, input=texts, encoding_format="float")
    near = max(abs(a - b) for one, other in zip(coded.data, floats.data) for a, b in zip(one.embedding, other.embedding))
    check("embeddings", len(coded.data) == 2 and len(coded.data[0].embedding) > 1 and near < 1e-5, near)
    once = client.embeddings.with_raw_response.create(model=model, input=texts[0], encoding_format="base64")
    given = json.loads(once.text)["data"][0]["embedding"]
    vector = struct.unpack(f"<{len(base64.b64decode(given)) // 4}f", base64.b64decode(given))
    check("embeddings, base64", max(abs(a - b) for a, b in zip(vector, floats.data[0].embedding)) < 1e-5)

    refused("wrong model", openai.NotFoundError,
            lambda: client.chat.completions.create(model="gpt-none", messages=CHAT), "model_not_found")
    refused("wrong model, embeddings", openai.NotFoundError,
            lambda: client.embeddings.create(model="gpt-none", input="a"), "model_not_found")
    refused("wrong model, retrieve", openai.NotFoundError, lambda: client.models.retrieve("gpt-none"), "model_not_found")
    refused("no messages", openai.BadRequestError,
            lambda: client.chat.completions.create(model=model, messages=[]), param="messages")
    refused("a body of the wrong type", openai.BadRequestError,
            lambda: client.chat.completions.create(model=model, messages="hello"), param="messages")
    refused("tools", openai.BadRequestError, lambda: client.chat.completions.create(
        model=model, messages=CHAT,
        tools=[{"type": "function", "function": {"name": "f", "parameters": {}}}]), "unsupported_parameter", "tools")
    refused("no text", openai.BadRequestError, lambda: client.embeddings.create(model=model, input=[]), param="input")
    refused("token ids", openai.BadRequestError, lambda: client.embeddings.create(model=model, input=[[1, 2]]))
    refused("a body that is no JSON", openai.BadRequestError,
            lambda: client.post("/chat/completions", cast_to=object, content=b"{",
                                options={"headers": {"Content-Type": "application/json"}}))
    refused("a path that is not there", openai.NotFoundError,
            lambda: client.completions.create(model=model, prompt="hello"), "not_found")
    if key != "none":
        other = openai.OpenAI(base_url=url, api_key="wrong", max_retries=0)
        refused("wrong key", openai.AuthenticationError, other.models.list, "invalid_api_key")

    async def together():
        async with openai.AsyncOpenAI(base_url=url, api_key=key, max_retries=0, timeout=60) as many:
            return await asyncio.gather(*(many.chat.completions.create(model=model, messages=CHAT) for _ in range(16)))

    check("sixteen at once", {each.choices[0].message.content for each in asyncio.run(together())} == {text})
    failed = [name for name, result in checks.items() if result is not True]
    print(json.dumps({"client": openai.__version__, "model": model, "checks": checks, "failed": failed}, indent=1))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
