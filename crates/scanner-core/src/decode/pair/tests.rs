//! Values of names in every syntax.

use super::*;

/// Samples are stored broken by `·`, as in rule files.
fn read(path: &str, text: &str) -> Option<(String, String)> {
    let text = text.replace('·', "");
    let at = text.to_ascii_lowercase().find("password").or_else(|| text.to_ascii_lowercase().find("token"))?;
    let family = Family::of_path(path);
    let pair = values_of(&name_at(&text, at, family)?, &text, family).into_iter().next()?;
    Some((text[pair.name.range()].to_owned(), text[pair.value.range()].to_owned()))
}

#[track_caller]
fn expect(path: &str, text: &str, name: &str, value: &str) {
    assert_eq!(read(path, text), Some((name.to_owned(), value.replace('·', ""))), "{path}: {text}");
}

#[test]
fn config_files() {
    expect(".env", "export DB_PASSWORD=ab·c#d\n", "DB_PASSWORD", "ab·c#d");
    expect(".env", "DB_PASSWORD = 'a b' # c\n", "DB_PASSWORD", "a b");
    expect("a.ini", "password = s3·cret ; note\n", "password", "s3·cret");
    expect("a.properties", "db.password=s3·cret\n", "db.password", "s3·cret");
    expect("a.toml", "password = \"s3·cret\"\n", "password", "s3·cret");
    expect("x.sh", "mysql --password=s3·cret -u root\n", "password", "s3·cret");
    expect("x.sh", "tool --db-password s3·cret\n", "db-password", "s3·cret");
    expect("Dockerfile", "ENV PASSWORD=s3·cret\n", "PASSWORD", "s3·cret");
}

#[test]
fn operands_of_commands_end_at_blanks() {
    expect(".bash_history", "http POST host/login password=s3·cret user=anna\n", "password", "s3·cret");
    expect("a.ini", "password=s3·cret with blanks\n", "password", "s3·cret with blanks");
    expect("a.bat", "set login password=s3·cret with=blanks\n", "password", "s3·cret with=blanks");
}

#[test]
fn ampersands_part_fields_and_stand_in_values() {
    expect("a.txt", "password=s3·cret&user=anna\n", "password", "s3·cret");
    expect("a.txt", "password: s3·&cret\n", "password", "s3·&cret");
    expect("a.txt", "password: s3·cret&quot;\n", "password", "s3·cret");
    expect("a.md", "- **Password:** s3·cret\n", "Password", "s3·cret");
    expect("a.yml", "run: \"log [task x;token=s3·cret]rest\"\n", "token", "s3·cret");
}

#[test]
fn data_files() {
    expect("a.yml", "  db-password: s3·cret # x\n", "db-password", "s3·cret");
    expect("a.yml", "password: \"s3· cret\"\n", "password", "s3· cret");
    expect("a.json", "{\"password\" : \"s3·cret\"}", "password", "s3·cret");
    expect("a.json", "\"{\\\"password\\\": \\\"s3·cret\\\"}\"", "password", "s3·cret");
    expect("a.xml", "<db password=\"s3·cret\"/>", "password", "s3·cret");
    expect("a.xml", "<password>s3·cret</password>", "password", "s3·cret");
}

#[test]
fn code() {
    expect("a.py", "password = 's3·cret'\n", "password", "s3·cret");
    expect("a.py", "connect(user='x', password=\"s3·cret\")\n", "password", "s3·cret");
    expect("a.py", "os.environ.get('DB_PASSWORD', 's3·cret')\n", "DB_PASSWORD", "s3·cret");
    expect("a.py", "password = os.getenv('X') or 's3·cret'\n", "password", "s3·cret");
    expect("a.ts", "const password: string = 's3·cret';\n", "password", "s3·cret");
    expect("a.js", "password: process.env.PW || 's3·cret',\n", "password", "s3·cret");
    expect("a.rs", "const PASSWORD: &str = \"s3·cret\";\n", "PASSWORD", "s3·cret");
    expect("a.c", "/*\n * password = s3·cret\n */\n", "password", "s3·cret");

    expect("a.go", "password := \"s3·cret\"\n", "password", "s3·cret");
    expect("a.java", "conf.setPassword(\"s3·cret\");\n", "setPassword", "s3·cret");
    expect("a.php", "define('DB_PASSWORD', 's3·cret');\n", "DB_PASSWORD", "s3·cret");
    expect("a.rb", "config['password'] = 's3·cret'\n", "password", "s3·cret");
    expect("a.rb", ":password => 's3·cret'\n", "password", "s3·cret");
    assert_eq!(read("a.js", "password = getPassword();\n"), None);
    assert_eq!(read("a.js", "assertEqual('password', 'other');\n"), None);
    assert_eq!(read("a.py", "print('password is wrong')\n"), None);
}

#[test]
fn entries() {
    expect("a.yml", "- name: DB_PASSWORD\n  value: s3·cret\n", "DB_PASSWORD", "s3·cret");
    expect("a.yml", "- {name: DB_PASSWORD, value: s3·cret}\n", "DB_PASSWORD", "s3·cret");
    expect("a.json", "{\"value\": \"s3·cret\", \"name\": \"DB_PASSWORD\"}", "DB_PASSWORD", "s3·cret");
    expect(
        "main.tf",
        "variable \"db_password\" {\n  type = string\n  default = \"s3·cret\"\n}",
        "db_password",
        "s3·cret",
    );
    expect("a.xml", "<add key=\"DbPassword\" value=\"s3·cret\" />", "DbPassword", "s3·cret");
    expect("a.xml", "<property name=\"password\"><value>s3·cret</value></property>", "password", "s3·cret");
    expect("a.plist", "<key>Password</key>\n<string>s3·cret</string>", "Password", "s3·cret");
    expect("a.sql", "INSERT INTO users (name, password) VALUES ('bob', 's3·cret');", "password", "s3·cret");
    assert_eq!(read("a.yml", "- name: DB_PASSWORD\n- name: OTHER\n  value: x\n"), None);
    assert_eq!(read("a.xml", "<input type=\"password\" name=\"pw\"/><b>text</b>"), None);
}

#[test]
fn blocks_tags_and_defaults() {
    expect("a.yml", "password: |\n  s3·cret\nnext: 1\n", "password", "s3·cret");
    expect("a.yml", "password: &pw s3·cret\n", "password", "s3·cret");
    expect("a.yml", "password: ${DB_PASSWORD:-s3·cret}\n", "password", "${DB_PASSWORD:-s3·cret}");
    expect("A.java", "@Value(\"${db.password:s3·cret}\")", "db.password", "s3·cret");
    expect("a.py", "add_argument('--password', help='x', default='s3·cret')", "--password", "s3·cret");
    expect("a.rb", "ENV.fetch('DB_PASSWORD') { 's3·cret' }", "DB_PASSWORD", "s3·cret");
}

#[test]
fn lines_that_end_as_on_windows_read_the_same() {
    for (path, text) in [
        ("a.yml", "password: |\n  s3·cret\nnext: 1\n"),
        ("a.yml", "password: |\n  s3·cret\n  more\n"),
        ("a.md", "| user | password |\n|---|---|\n| bob | s3·cret |\n"),
        ("a.csv", "user,password\nbob,s3·cret\n"),
    ] {
        assert_eq!(read(path, &text.replace('\n', "\r\n")), read(path, text), "{path}: {text}");
    }
    expect("a.csv", "user,password\r\nbob,s3·cret\r\n", "password", "s3·cret");
}

#[test]
fn comparisons_and_unpacking() {
    expect("A.java", "if (password.equals(\"s3·cret\"))", "password", "s3·cret");
    expect("A.java", "if (\"s3·cret\".equals(password))", "password", "s3·cret");
    expect("a.c", "if (strcmp(password, \"s3·cret\") == 0)", "password", "s3·cret");
    expect("a.py", "user, password = 'bob', 's3·cret'\n", "password", "s3·cret");
    assert_eq!(read("a.php", "'--password=' . $connection['x'],"), None);
    expect("a.patch", "-DB_PASSWORD = 's3·cret'\n", "DB_PASSWORD", "s3·cret");
    expect("a.pl", "my $password = q{s3·cret};", "password", "s3·cret");
    expect("a.rb", "password = %q(s3·cret)", "password", "s3·cret");
    assert_eq!(read("a.py", "password = q(\"s3cret\")"), None);
}

#[test]
fn prose_and_strings() {
    expect("a.md", "The password is `s3·cret`.", "password", "s3·cret");
    expect("a.md", "- **Password**: s3·cret", "Password", "s3·cret");
    expect("a.py", "# the password is s3·cret\n", "password", "s3·cret");
    expect("a.py", "# old password was: s3·cret\n", "password", "s3·cret");
    expect("a.cs", "\"Server=x;Password=s3·cret;\"", "Password", "s3·cret");
    expect("Dockerfile", "ENV DB_PASSWORD s3·cret\n", "DB_PASSWORD", "s3·cret");
}

#[test]
fn values_before_names_and_of_parameters() {
    expect("a.swift", "r.setValue(\"s3·cret\", forHTTPHeaderField: \"X-Token\")", "X-Token", "s3·cret");
    expect("a.m", "[r setValue:@\"s3·cret\" forHTTPHeaderField:@\"X-Token\"]", "X-Token", "s3·cret");
    expect("a.m", "#define kPassword @\"s3·cret\"", "kPassword", "s3·cret");
    expect("a.sql", "UPDATE s SET value='s3·cret' WHERE name='password'", "password", "s3·cret");
    expect("a.sql", "INSERT INTO s VALUES ('password', 's3·cret')", "password", "s3·cret");
    expect("a.json", "{\"password\": {\"type\": \"string\", \"default\": \"s3·cret\"}}", "password", "s3·cret");
    expect("a.yaml", "Password:\n  Type: String\n  Default: s3·cret\nHost:\n  Default: x\n", "Password", "s3·cret");
    expect("a.xml", "<password encrypted=\"false\">s3·cret</password>", "password", "s3·cret");
    expect("a.xml", "<arg>-Dpassword=s3·cret</arg>", "password", "s3·cret");
    expect("a.txt", "Password\u{ff1a}s3·cret\n", "Password", "s3·cret");
    expect("a.txt", "vpn user anna password s3·cret!\n", "password", "s3·cret!");
    expect("a.go", "os.Setenv(passwordName, \"s3·cret\")", "passwordName", "s3·cret");
    expect("a.vb", "If password.Text = \"s3·cret\" Then", "password", "s3·cret");
    expect("a.rs", "const PASSWORD: [u8; 16] = *b\"s3·cret\";", "PASSWORD", "s3·cret");
    expect("a.gradle", "buildConfigField \"String\", \"PASSWORD\", '\"s3·cret\"'\n", "PASSWORD", "s3·cret");
    for (path, text) in [
        ("a.xml", "<password encrypted=\"true\">s3·cret</password>"),
        ("a.yaml", "Password:\n  Type: String\nHost:\n  Default: x1\n"),
        ("a.txt", "the password must hold a Digit1\n"),
        ("a.py", "run(password[0], nonstring='s3cret')"),
    ] {
        assert_eq!(read(path, text), None, "{text}");
    }
}

#[test]
fn places_of_calls_and_commands() {
    let read = |place: &str, path: &str, text: &str| {
        let place = place::Place::parse(place).expect("the place is well-formed");
        let text = &text.replace('·', "");
        let name = place.literal().to_lowercase();
        let at = text.to_lowercase().find(&name)?;
        let pair = place.read_at(text, at, Family::of_path(path)).into_iter().next()?;
        Some(text[pair.value.range()].to_owned())
    };
    let found = |text: &str| Some(text.to_owned());
    assert_eq!(read("HTTPBasicAuth(_, $)", "a.py", "HTTPBasicAuth(user, 'pw1')"), found("pw1"));
    assert_eq!(read("HTTPBasicAuth(_, $)", "a.py", "HTTPBasicAuth(user, get())"), None);
    assert_eq!(read("HTTPBasicAuth(_, $)", "a.py", "HTTPBasicAuth(user, x + 'pw1')"), None);
    assert_eq!(read("auth=(_, $)", "a.py", "get(u, auth=('a', 'pw1'))"), found("pw1"));
    assert_eq!(read("curl -u|--user _:$", "a.sh", "curl -s -u 'a:p·w1' https://x"), found("pw1"));
    assert_eq!(read("curl -u|--user _:$", "a.sh", "curl --user=a:p·w1 x"), found("pw1"));
    assert_eq!(read("curl -u|--user _:$", "a.sh", "curl x | tool -u a:pw1"), None);
    for end in ["\n", "\r\n", "\r"] {
        let command = format!("curl -s \\{end}  -u 'a:p·w1' https://x");
        assert_eq!(read("curl -u|--user _:$", "a.sh", &command), found("pw1"), "a line that goes on after {end:?}");
    }
    assert_eq!(read("mysql -p$", "a.sh", "mysql -u root -pp·w1 db"), found("pw1"));
    assert_eq!(read("openssl -pass pass:$", "a.sh", "openssl enc -pass pass:p·w1"), found("pw1"));
    assert_eq!(read("net user _ $", "a.bat", "net user bob pw1 /add"), found("pw1"));
    assert_eq!(read("htpasswd _ _ $", "a.sh", "htpasswd -b -c file bob pw1"), found("pw1"));
    assert_eq!(read("htpasswd _ _ $", "a.yml", "- name: Remove htpasswd files if requested"), None);
    assert_eq!(read("htpasswd _ _ $", "a.yml", "- run: htpasswd file bob pw1"), found("pw1"));
    assert_eq!(read("htpasswd _ _ $", "a.sh", "sudo ht·passwd file bob ki·te"), found("kite"));
    for list in [
        "[\"htpasswd\", \"-b\"",
        "(\n  \"/usr/bin/htpasswd\"",
        "{ 'sudo', 'htpasswd'",
        "['docker', 'exec', 'web', 'htpasswd'",
    ] {
        let command = format!("run{list}, 'file', 'bob', 'pw1'");
        assert_eq!(read("htpasswd _ _ $", "a.py", &command), found("pw1"), "{list}");
    }
    assert_eq!(read("htpasswd _ _ $", "a.py", "NAMES = ['.netrc', '.htpasswd', 'a.java', 'a.cs', 'pw1']"), None);
    assert_eq!(read("htpasswd _ _ $", "a.md", "a hash of htpasswd (thanks to pw1)"), None);
    assert_eq!(read("cmdkey /pass:$", "a.bat", "cmdkey /add:h /user:b /pass:pw1"), found("pw1"));
    assert_eq!(read("provider _ _ '$'", "a.rb", "provider :a, 'id', 'pw1', scope: 'x'"), found("pw1"));
    assert_eq!(read("provider _ _ '$'", "a.rb", "a provider that is pw1"), None);
    assert_eq!(read("*Credentials(_, $)", "a.java", "new HttpCredentials(\"a\", \"pw1\")"), found("pw1"));
    assert_eq!(read("*Credentials(_, $)", "a.java", "new HttpCredentials(\"a\", \"pw1\", 3)"), None);
    assert_eq!(read("*Credentials(_, $)", "a.py", "Credentials(name=x, usage='pw1')"), None);
    assert_eq!(read("*users {$}", "a.js", "const users = { 'a': 'pw1', b: \"x\" }"), found("pw1"));
    assert_eq!(read("*users {$}", "a.js", "const users = { name: 'pw1' }"), None);
    assert_eq!(read("*users {$}", "a.js", "const users = { a: 'pw1', b: f() }"), None);
    assert_eq!(read("*users {$}", "a.json", r#"{"src/users.js": {"a": "pw1"}}"#), None);
    assert_eq!(read("*users {$}", "a.json", r#"{"users": {"mode": "pw1", "sha256": "pw2"}}"#), None);
    assert_eq!(read("?connect(_, _, _, $)", "A.java", "t.connect(\"h\", 25, \"u\", \"pw1\")"), found("pw1"));
    assert_eq!(read("'admin', $", "A.java", "USERS.put(\"admin\", \"pw1\");"), found("pw1"));
    assert_eq!(read("'admin', $", "a.toml", "users = [[\"admin\", \"pw1\"]]"), found("pw1"));
    for other in
        ["put(admin, \"pw1\")", "put(\"admin\": \"pw1\")", "put(\"admin\", \"pw1\" + x)", "put(\"admin\", pw1)"]
    {
        assert_eq!(read("'admin', $", "A.java", other), None, "{other}");
    }
    for wrong in ["x", "name", "name(_)", "na $", "name _", "'sa', $"] {
        assert!(place::Place::parse(wrong).is_err(), "{wrong}");
    }
}

/// All values of the first name.
fn read_all(path: &str, text: &str) -> Vec<String> {
    let text = text.replace('·', "");
    let at = text.find("password").expect("the text holds the name");
    let family = Family::of_path(path);
    let pairs = name_at(&text, at, family).map(|name| values_of(&name, &text, family)).unwrap_or_default();
    pairs.into_iter().map(|pair| text[pair.value.range()].to_owned()).collect()
}

#[test]
fn tables_of_cases() {
    let both = ["s3·cret", "0th·er"].map(|value| value.replace('·', ""));
    let pytest = "@pytest.mark.parametrize('user, password', [('a', 's3·cret'), pytest.param('b', '0th·er', id='x')])";
    assert_eq!(read_all("a.py", pytest), both);
    assert_eq!(read_all("a.py", "parametrize(['user', 'password'], [('a', 's3·cret'), ('b', '0th·er')])"), both);
    assert_eq!(read_all("a.py", "parametrize('password', ['s3·cret', '0th·er'])"), both);
    let go = "[]struct{\n\tname string\n\t// who\n\tuser, password string\n}{\n\t{\"x\", \"a\", \"s3·cret\"},\n\t{\"y\", \"b\", \"0th·er\"},\n}";
    assert_eq!(read_all("a.go", go), both);
    assert_eq!(read_all("a.js", "each([['user', 'password'], ['a', 's3·cret'], ['b', '0th·er']])"), both);
    let drawn = "Examples:\n  | user | password |\n  | a | s3·cret |\n  | b | 0th·er |\n";
    assert_eq!(read_all("a.feature", drawn), both);
    for other in [
        "rules = [['password', 'totp', 'x'], ['totp', 'other']]",
        "f('user', 'password'), ('a', 'b')",
        "pairs = [('user', 'password'), ('a', 'b')]",
        "return a\n  || b.password || c\n  || d || e\n",
        "struct{ password string }{{password: \"s3·cret\"}}",
    ] {
        assert_eq!(read_all("a.go", other), [""; 0], "{other}");
    }
}

#[test]
fn what_tests_expect() {
    expect("a.go", "assert.Equal(t, \"s3·cret\", cfg.password)", "password", "s3·cret");
    expect("a.java", "assertEquals(\"s3·cret\", user.getPassword());", "Password", "s3·cret");
    expect("a.java", "assertEquals(user.getPassword(), \"s3·cret\");", "Password", "s3·cret");
    expect("a.java", "assertThat(user.getPassword()).isEqualTo(\"s3·cret\");", "Password", "s3·cret");
    expect("a.js", "expect(user.password).toBe('s3·cret')", "password", "s3·cret");
    expect("a.js", "assert.equal(cfg.get('password'), 's3·cret')", "password", "s3·cret");
    expect("a.rb", "expect(user.password).to eq 's3·cret'", "password", "s3·cret");
    expect("a.rb", "assert_equal 's3·cret', user.password", "password", "s3·cret");
    expect("a.rs", "assert_eq!(user.password, \"s3·cret\");", "password", "s3·cret");
    expect("a.cpp", "EXPECT_STREQ(cfg.password().c_str(), \"s3·cret\");", "password", "s3·cret");
    assert_eq!(read("a.js", "assert.notEqual('s3·cret', user.password)"), None);
    assert_eq!(read("a.js", "assert.equal('s3·cret', password.owner)"), None);
    assert_eq!(read("a.py", "password['name'] = 's3·cret'"), None);
}

#[test]
fn what_is_given_back() {
    expect("a.java", "when(cfg.getPassword()).thenReturn(\"s3·cret\");", "Password", "s3·cret");
    expect("a.rb", "allow(cfg).to receive(:password).and_return('s3·cret')", "password", "s3·cret");
    expect("a.java", "String getPassword() { return \"s3·cret\"; }", "Password", "s3·cret");
    expect("a.py", "def password(self):\n    return 's3·cret'\n", "password", "s3·cret");
    expect("a.rb", "def password\n  's3·cret'\nend\n", "password", "s3·cret");
    expect("a.rs", "fn password(&self) -> &str { \"s3·cret\" }", "password", "s3·cret");
    expect("a.cs", "string Password { get { return \"s3·cret\"; } }", "Password", "s3·cret");
    expect("a.rs", ".arg(\"--password\").arg(\"s3·cret\")", "--password", "s3·cret");
    expect("a.rb", "fill_in :password, :with => 's3·cret'", "password", "s3·cret");
    assert_eq!(read("a.java", "String getPassword() { return \"s3·cret\" + x; }"), None);
    assert_eq!(read("a.rs", "fn password(&self) { \"s3·cret\".len() }"), None);
}

#[test]
fn said_with_more_words() {
    expect("a.txt", "password (staging): s3·cret\n", "password", "s3·cret");
    expect("a.txt", "the password on srv4 is s3·cret\n", "password", "s3·cret");
    assert_eq!(read("a.adoc", "fun password(): Provider {\n"), None);
    expect("a.ps1", "wmic /user:adm /password:s3·cret os get\n", "password", "s3·cret");
}
