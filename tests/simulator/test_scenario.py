import pytest

from appliance.core.errors import UserError
from appliance.simulator import scenario
from appliance.simulator.fast import FastWorld
from appliance.simulator.journal import Called, Connected, Happened

MODULE = '[[module]]\nname = "office"\nnumber = "+498912345"\n'


def file(text):
    return f'title = "t"\nlasts = 10\n{MODULE}{text}'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("title = ", "this is no TOML"),
        ('title = "t"\nlasts = 10', r"needs a \[\[module\]\] or a \[\[landline\]\]"),
        (file('[[landline]]\nname = "office"\nnumber = "1"'), r"landline\[0\].name: 'office' is there twice"),
        (file('[[landline]]\nname = "l"\nnumber = "1"\nfamily = "huawei"'), r"landline\[0\].family: 'huawei'"),
        (file('[[landline]]\nname = "l"\nnumber = "1"\nsite = "barn"'), r"landline\[0\].site: 'barn' is none of"),
        (
            file('[[landline]]\nname = "l"\nnumber = "1"\n[[fault]]\nat = 1\nmodule = "l"\nname = "sim_pin"'),
            r"fault\[0\]: there is no fault 'sim_pin'",
        ),
        (f'title = "t"\n{MODULE}', "missing required field `lasts`"),
        (file('[[call]]\nat = "x"\nto = "+4989"'), r"call\[0\].at: Expected `float`, got `str`"),
        (file('[[call]]\nat = 1\nto = "+4989"\ncolor = 1'), r"call\[0\]: Object contains unknown field `color`"),
        (file('[[target]]\nnumber = "+49"\nbehaviour = "sleeps"'), r"target\[0\].behaviour: 'sleeps' is none of"),
        (file(MODULE), r"module\[1\].name: 'office' is there twice"),
        (file('[[module]]\nname = "b"\nnumber = "1"\nfamily = "acme"'), r"module\[1\].family: 'acme'"),
        (file('[[fault]]\nat = 1\nmodule = "x"\nname = "reboot"'), r"fault\[0\].module: there is no module 'x'"),
        (file('[[fault]]\nmodule = "office"\nname = "reboot"'), r"fault\[0\]: either at or on"),
        (file('[[fault]]\nat=1\non="text"\nmodule = "office"\nname = "reboot"'), r"fault\[0\]: either at or on"),
        (file('[[fault]]\nat = 1\nmodule = "office"\nname = "gremlin"'), r"fault\[0\]: there is no fault 'gremlin'"),
        (file('[[fault]]\nat = 1\nmodule = "office"\nname = "hang"\nhue = 1'), r"fault\[0\]: .*takes no 'hue'"),
        (file('[[fault]]\non = "noon"\nmodule = "office"\nname = "hang"'), r"fault\[0\].on: 'noon' is no moment"),
        (file('[[fault]]\non = "command ("\nmodule = "office"\nname = "hang"'), r"fault\[0\].on"),
        (file("fault = 3"), "fault"),
        (file("[[fault]]\nat = 1"), r"fault\[0\]: Object missing required field"),
    ],
)
def test_mistakes_are_named_with_their_place(text, message):
    with pytest.raises(UserError, match=message):
        scenario.parse(text)


def test_all_mistakes_of_meaning_at_once():
    text = file('[[target]]\nnumber = "+49"\nbehaviour = "x"\n[[fault]]\nat = 1\nmodule = "y"\nname = "z"')
    with pytest.raises(UserError) as problem:
        scenario.parse(text)
    assert len(str(problem.value).splitlines()) == 3


def test_files_that_are_not_there_or_no_text(tmp_path):
    with pytest.raises(UserError, match=r"shipped are .*little-day"):
        scenario.load("nowhere")
    (tmp_path / "x.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(UserError, match="no text file"):
        scenario.load(tmp_path / "x.toml")
    (tmp_path / "y.toml").write_text("title")
    with pytest.raises(UserError, match=r"y\.toml: this is no TOML"):
        scenario.load(str(tmp_path / "y.toml"))


@pytest.mark.parametrize("name", scenario.names())
def test_every_shipped_scenario_plays(name):
    play, world = scenario.load(name), FastWorld()
    modules = play.stage(world.exchange)
    for module in modules.values():
        world.add(module, f"/dev/{module.name}")
    play.begin(world.exchange, modules)
    world.run_until(world.now() + play.lasts)
    assert len(world.exchange.journal.of(Called)) >= len(play.call)


def test_times_count_from_the_beginning():
    text = file(
        '[[target]]\nnumber = "+4930"\nbehaviour = "busy"\n'
        '[[target]]\nnumber = "+4930"\nafter = 1\nat = 5\n'
        '[[call]]\nat = 1\nto = "+4930"\ncaller = "+491"\n'
        '[[call]]\nat = 6\nto = "+4930"\ncaller = "+492"\n'
        '[[text]]\nat = 2\nto = "+498912345"\nsender = "+493"\ntext = "Hallo"\n'
        '[[fault]]\nat = 3\nmodule = "office"\nname = "signal"\nrssi = 5\n'
        '[[fault]]\nat = 0\nmodule = "office"\nname = "texts_only"\n'
    )
    play, world = scenario.parse(text), FastWorld()
    modules = play.stage(world.exchange)
    assert modules["office"].stat == 6
    world.run_until(1500)
    play.begin(world.exchange, modules)
    world.run_until(1520)
    assert [entry.a for entry in world.exchange.journal.of(Connected)] == ["+492"]
    assert [entry.at for entry in world.exchange.journal.of(Happened)] == [1000, 1503]
    assert modules["office"].csq == (5, 99) and len(modules["office"].texts.texts) == 1


def test_a_landline_with_its_own_clock_and_faults():
    text = (
        'title = "t"\nlasts = 9\n'
        '[[landline]]\nname = "l"\nnumber = "+498912345"\nsite = "pbx"\nppm = 50\necho = -20\n'
        '[[target]]\nnumber = "+4930"\npresses = "1"\n'
        '[[call]]\nat = 1\nto = "+498912345"\n'
        '[[fault]]\non = "flash"\nmodule = "l"\nname = "caller_leaves"\n'
    )
    play, world = scenario.parse(text), FastWorld()
    modem = play.stage(world.exchange)["l"]
    assert (modem.ppm, modem.line.site.name, modem.line.echo) == (50, "pbx", -20)
    assert world.exchange.phones["+4930"].target.presses == "1"
    play.begin(world.exchange, {"l": modem})
    world.run_until(world.now() + 4)
    assert modem.rings == 1
