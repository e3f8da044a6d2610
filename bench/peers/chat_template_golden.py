"""Makes chat_template_golden.json of the tests: prompts that transformers' own Jinja environment renders.

    PEERS/bin/python bench/peers/chat_template_golden.py > src/test/resources/io/retort/text/chat_template_golden.json

The templates have the forms that well-known models use, written anew. `--gguf FILE` prints the same for the template of a GGUF file:

    PEERS/bin/python bench/peers/chat_template_golden.py --gguf ../shared/weights/smollm2-135m-instruct-q4_1.gguf \\
        > src/test/resources/io/retort/text/smollm2_chat_template_golden.json

(SmolLM2-Instruct by Hugging Face, Apache-2.0.)
"""

import argparse
import json
import pathlib
import sys

from transformers.utils.chat_template_utils import _compile_jinja_template

TOKENS = {"bos_token": "<s>", "eos_token": "</s>"}
TEMPLATES = {
    "chatml": "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}",
    "chatml with a default": "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system\\nBe brief.<|im_end|>\\n' }}{% endif %}{{'<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}",
    "headers": "{% set loop_messages = messages %}{% for message in loop_messages %}{% set content = '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n' + message['content'] | trim + '<|eot_id|>' %}{% if loop.index0 == 0 %}{% set content = bos_token + content %}{% endif %}{{ content }}{% endfor %}{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}{% endif %}",
    "newer headers": """{{- bos_token }}
{%- if custom_tools is defined %}
    {%- set tools = custom_tools %}
{%- endif %}
{%- if not date_string is defined %}
    {%- set date_string = "1 Jan 2025" %}
{%- endif %}
{#- The system message first. -#}
{%- if messages[0]['role'] == 'system' %}
    {%- set system_message = messages[0]['content']|trim %}
    {%- set messages = messages[1:] %}
{%- else %}
    {%- set system_message = "" %}
{%- endif %}
{{- "<|start_header_id|>system<|end_header_id|>\\n\\n" }}
{{- "Today: " + date_string + "\\n\\n" }}
{%- if tools is not none %}
    {{- tools | tojson(indent=4) }}
{%- endif %}
{{- system_message }}
{{- "<|eot_id|>" }}
{%- for message in messages %}
    {%- if not (message.role == 'ipython' or message.role == 'tool' or 'tool_calls' in message) %}
        {{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n'+ message['content'] | trim + '<|eot_id|>' }}
    {%- elif 'tool_calls' in message %}
        {%- if not message.tool_calls|length == 1 %}
            {{- raise_exception("One call at a time!") }}
        {%- endif %}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}
{%- endif %}
""",
    "lines": """{% for message in messages %}
{% if message['role'] == 'user' %}
{{ '<|user|>
' + message['content'] + eos_token }}
{% elif message['role'] == 'system' %}
{{ '<|system|>
' + message['content'] + eos_token }}
{% elif message['role'] == 'assistant' %}
{{ '<|assistant|>
'  + message['content'] + eos_token }}
{% endif %}
{% if loop.last and add_generation_prompt %}
{{ '<|assistant|>' }}
{% endif %}
{% endfor %}""",
    "with tools": """{%- if tools %}
    {{- '<|im_start|>system\\n' }}
    {%- for tool in tools %}
        {{- "\\n" }}
        {{- tool | tojson }}
    {%- endfor %}
{%- else %}
    {%- if messages[0]['role'] == 'system' %}
        {{- '<|im_start|>system\\n' + messages[0]['content'] + '<|im_end|>\\n' }}
    {%- else %}
        {{- '<|im_start|>system\\nYou are helpful.<|im_end|>\\n' }}
    {%- endif %}
{%- endif %}
{%- for message in messages %}
    {%- if (message.role == "user") or (message.role == "system" and not loop.first) or (message.role == "assistant" and not message.tool_calls) %}
        {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}
    {%- elif message.role == "tool" %}
        {%- if (loop.index0 == 0) or (messages[loop.index0 - 1].role != "tool") %}
            {{- '<|im_start|>user' }}
        {%- endif %}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
{%- endif %}
""",
    "alternating": "{{ bos_token }}{% if messages[0]['role'] == 'system' %}{% set loop_messages = messages[1:] %}{% set system_message = messages[0]['content'] %}{% else %}{% set loop_messages = messages %}{% set system_message = false %}{% endif %}{% for message in loop_messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Roles must alternate!') }}{% endif %}{% if loop.index0 == 0 and system_message != false %}{% set content = '<<SYS>>\\n' + system_message + '\\n<</SYS>>\\n\\n' + message['content'] %}{% else %}{% set content = message['content'] %}{% endif %}{% if message['role'] == 'user' %}{{ '[INST] ' + content.strip() + ' [/INST]' }}{% elif message['role'] == 'assistant' %}{{ ' '  + content.strip() + ' ' + eos_token }}{% endif %}{% endfor %}",
    "turns": "{{ bos_token }}{% for message in messages %}{% if (message['role'] == 'assistant') %}{% set role = 'model' %}{% else %}{% set role = message['role'] %}{% endif %}{{ '<start_of_turn>' + role + '\\n' + message['content'] | trim + '<end_of_turn>\\n' }}{% endfor %}{% if add_generation_prompt %}{{'<start_of_turn>model\\n'}}{% endif %}",
    "namespace": """{%- set ns = namespace(found=false, last=messages|length - 1) %}
{%- for message in messages[::-1] %}
    {%- set index = (messages|length - 1) - loop.index0 %}
    {%- if not ns.found and message.role == "user" and not(message.content.startswith('<tool>') and message.content.endswith('</tool>')) %}
        {%- set ns.found = true %}
        {%- set ns.last = index %}
    {%- endif %}
{%- endfor %}
{%- for message in messages %}
    {%- if message.content is string %}
        {%- set content = message.content %}
    {%- else %}
        {%- set content = '' %}
    {%- endif %}
    {%- if '</think>' in content %}
        {%- set content = content.split('</think>')[-1].lstrip('\\n') %}
    {%- endif %}
    {{- '[' ~ loop.index ~ '/' ~ ns.last ~ '] ' + message.role + ': ' + content.rstrip() + ('!' if loop.last else '.') + '\\n' }}
{%- endfor %}
""",
    "odd spaces": "  {% if true %}  x\n  {%+ if 1 == 1 %} y {% endif +%}\n z {#- gone -#}\n  w {{- ' v ' -}}\n\n u\n   {% endif %}\n\t{# c #}\n  end  \n\n",
    "small things": """{{ 1 + 2 * 3 - 7 // 2 % 3 }}|{{ -1 }}|{{ true }}|{{ none }}|{{ nothing }}|{{ 'a' 'b' }}|{{ "it's" }}|{{ 'it\\'s \\\\ \\d' }}|{{ 'a' in ['a', 'b'] }}|{{ 'c' not in ('a', 'b') }}|{{ nothing is defined }}|{{ 'x' is not none }}|{{ messages | length }}|{{ messages[-1].role }}|{{ (messages | first).role | upper }}|{{ nothing | default('d') }}|{{ 'a' if nothing else 'b' }}|{{ 'a' if nothing }}|{{ not nothing and 1 < 2 or false }}|{{ 'user' == messages[0].role }}{% set x = 1 %}{% for m in messages %}{% set x = 2 %}{% endfor %}{{ x }}{% if x == 2 %}a{% elif x == 1 %}b{% else %}c{% endif %}""",
}
CHATS = [
    [("user", "hi")],
    [("user", "hi"), ("assistant", "hello, who's there?"), ("user", "  me \n")],
    [("system", "Be nice."), ("user", "1 + 1?\n"), ("assistant", "2"), ("user", "thanks <|im_end|> </s>")],
    [("assistant", "hi"), ("user", "<think>so</think>\n\n\u00a0ok \U0001f642")],
    [("system", " s "), ("user", ""), ("assistant", "x</think>y"), ("user", "<tool>z</tool>")],
]


def cases(template):
    compiled = _compile_jinja_template(template)
    for chat in CHATS:
        messages = [{"role": role, "content": content} for role, content in chat]
        for add in (False, True):
            case = {"messages": messages, "add": add}
            try:
                case["text"] = compiled.render(messages=messages, tools=None, documents=None, add_generation_prompt=add, **TOKENS)
            except Exception as refusal:
                case["refusal"] = str(refusal)
            yield case


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--gguf")
    options = arguments.parse_args()
    templates = TEMPLATES
    if options.gguf:
        from gguf import GGUFReader

        templates = {pathlib.Path(options.gguf).stem: GGUFReader(options.gguf).fields["tokenizer.chat_template"].contents()}
    golden = [{"name": name, "template": template, "cases": list(cases(template))} for name, template in templates.items()]
    json.dump({"tokens": TOKENS, "templates": golden}, sys.stdout, indent=0)
    print()


main()
