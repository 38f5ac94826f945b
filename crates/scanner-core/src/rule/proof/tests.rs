//! Holds each proof against published or synthetic vectors.

use super::*;

/// Vectors in the form in which they are stored: a `·` inside keeps scanners from taking them for
/// keys.
const VECTORS: &[(&str, &str)] = &[
    ("crc32-base62", "gh·p_U8JZpDE0iGX·EXAMPLElD6gNCFbaEPF279riG"),
    ("crc32-base62", "np·m_jbD0kH8Oool·EXAMPLE8DklZDOCj2IS3zoBoP"),
    ("crc32-base62", "po·lar_oat_aJiHkTj0rLGlkoM·EXAMPLEXGjtEkDnNfribxU3NVYjg"),
    ("crc32-hex", "cf·ut_dl7dXTPyLsxPFkTh·EXAMPLEf4VucSmEHgaKwVJ7fb4e032f5"),
    ("crc32-hex-after-underscore", "zp·ka_example00ce9uvw·53efr4edt2sywb3wk_649d6c13"),
    ("grafana-glsa", "gl·sa_nHfDNxSIvPZZ·EXAMPLE63fFKcZjR4I0b_0c5d1e77"),
    (
        "atlassian-crc32",
        "AT·ATT3xFfGF03jRtaWr4Y9OJFLJOqOAf1lLQSAJaiXnkU8Is2g8nprvDd53x83rzjZZZZGeoZDMENcKHVmDGAkJiG8XnBE·EXAMPLE3NnYJoQ9WmXeHH2fdeeTFJGvVvQe1sKhBN88hXJsi6BwhTp3Fs2QhX6KWxOiixgVoOnzyw2MzP0ZvzOMhf=F2C64D8A",
    ),
    ("gitlab-routable", "gl·pat-AAECAwQFBgcICQoLDA0OD2M6·MQpvOjEKdTp6egw.01.131sv4iik"),
    ("gitlab-routable", "gl·pat-YzoxCm86MQp1Onp6AAECAw·QFBgcICQoLDA0ODxA.130smkz1u"),
    ("laravel-sanctum", "42·|WuBByReQMsm9Wcz7·EXAMPLEuW9XFOGOeMVNen5n181b2d067"),
    ("azure-marvin32", "RV·hBTVBMRS1FWEFNUExFLUVYQU1QTEUtRVhBTVBMRS1FWEFNUExFLUVYQU1QTEUt·RVhBTVBMRS1F+AStQbDyAA=="),
    ("azure-marvin32", "RV·hBTVBMRS1FWEFNUExFLUVYQU1QTEUtRVhBTVBMRS1FWEFNUExFLUVYQU1QTEUt·RVhBTVBMRS1FACDbnNLL7w=="),
    ("azure-marvin32", "RV·hBTVBMRS1FWEFNUExFLUVYQU1QTEUtRVhBTVBMRS1FWEFNUExFLUVYQU1QTEUt·RVhBTVBMRS1F+ABao8RzDA=="),
    ("azure-marvin32", "RV·hBTVBMRS1FWEFNUExFLUVYQU1QTEUt·R+ASbdz6A4c="),
    ("azure-marvin32", "RV·hBTVBMRS1FWEFNUExFLUVYQU1QTEUt·RAzCaTdNzDI="),
    ("azure-marvin32", "RV·hBTVBMRS1FWEFNUExFLUVYQU1QTEUtRVhBTVBMRS+·ACREkicPA"),
    ("azure-marvin32", "RV·hBTVBMRS1FWEFNUExFLUVYQU1QTEUtRVhBTVBMRS·AzSeHQCX1N"),
    ("azure-marvin32", "RV·hBTVBMRS1FWEFNUExFLUVYQU1QTEUtRVhBTVBMRS1F·AzFu8AGozg=="),
    ("azure-cask", "EX·AMPLEonlyEXAMPLEonlyEXAMPLEonlyEXAMPLEonlyEXAMPLEo·JQQJ99BFAAAAAAAAAAAAAAAAAZDONaPd"),
    ("azure-cask", "EX·AMPLEonlyEXAMPLEonlyEXAMPLEonlyEXAMPLEonlyEXAMPLEo·JQQJ99BFAAAAAAAAAAAAAAAAAZDONaPdE0=="),
    ("azure-entra-secret", "Ex·a8Q~mple-Only_Not·.A~Real-Secret_xyzbG."),
    ("azure-devops-pat", "iv·mc4qknkbgmub2ffvcvqqknkb·geklkflbavktkqjrcs2wcnkbga"),
    (
        "jwt",
        "ey·JhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJleGFtcGxlIiwi·ZXhwIjoxNzAwMDAwMDAwfQ.XJQfSGyt8wLp55fkG3IkKeSxoemVPyxIEodknfx5UIU",
    ),
    (
        "jwt",
        "gh·s_12345_eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJleGFtcGxl·IiwiaWF0IjoxNzAwMDAwMDAwfQ.9ESCjPeJkWXB6falppLaeJlqAFN8x5RQJZwlFaERwhw",
    ),
    (
        "pypi-macaroon",
        "py·pi-AgEIcHlwaS5vcmcCJDAwMDAwMDAwLTAwMDAtNDAwMC04MDAwLTAwMDAw·MDAwMDAwMAACDVszLCJFWEFNUExFIl0AAAYgRVhBTVBMRS1FWEFNUExFLUVYQU1QTEUtRVhBTVBMRS0",
    ),
    (
        "pypi-macaroon",
        "py·pi-AgENdGVzdC5weXBpLm9yZwIkMDAwMDAwMDAtMDAwMC00MDAwLTgwMDAt·MDAwMDAwMDAwMDAwAAINWzMsIkVYQU1QTEUiXQAABiBFWEFNUExFLUVYQU1QTEUtRVhBTVBMRS1FWEFNUExFLQ",
    ),
    ("aws-key-id", "AK·IARZPU·ZDIKKUHKAERU"),
    (
        "aws-bedrock-key",
        "AB·SKQmVkcm9ja0FQSUtleS14bXBsLWF0LTEyMzQ1Njc4OTAxMjpSVmhCVFZCTVJVVll·RVTFRVEVWRldFRk5VRXhGUlZoQlRWQk1SVVZZUVUxUVRFVkZXRUZOVUV4RlJWaEJUVkJNUlVWWVFVMVFURVU9",
    ),
    ("aws-ses-smtp", "BB·jBpWVl9IKxo59eAinv2Pn7·gK1OPdf+aX7lZrytdh49"),
    ("discord-bot", "MT·AwMDAwMDAwMDAwMDAwMDAw.GEXMPL.·Ae6pWzpF1qH6YytEXAMPLEwMe4LbyoVFz8uZdZ"),
    ("jfrog-reference", "cm·VmdGtuOjAxOjE3MDAwMDAwMDA6·QkF6dXBHaHY3SUVYQU1QTEViM00wM05CUU5T"),
    ("atlassian-server-token", "MT·IzNDU2Nzg5MDEyOkVYQU1Q·TEUtRVhBTVBMRS1YTVBM"),
    ("grafana-key", "ey·JrIjoiRVhBTVBMRUVYQU1QTEVFWEFNUExF·RVhBTVBMRTEyMzQiLCJuIjoiZGVtbyIsImlkIjoxfQ=="),
    (
        "sentry-json",
        "sn·trys_eyJpYXQiOjE3MDAwMDAwMDAuMCwidXJsIjoiaHR0cHM6Ly9zZW50cnkuZXhhbXBsZSIsInJlZ2lvbl91cmwiOiJodHRwczov·L3VzLnNlbnRyeS5leGFtcGxlIiwib3JnIjoiZXhhbXBsZSJ9_dql05ha064gIiJhgB3EXAMPLEcxLmAxzJLJenuHjDUr",
    ),
    ("basic-auth", "ZX·hhbXBsZTpub3Qt·YS1yZWFsLXBhc3N3b3Jk"),
    ("mapbox-token", "sk·.eyJ1IjoiZXhhbXBsZSIsImEiOiJja2V4YW1wbGVleGFt·cGxlZXhhbXBsZTAwIn0.gPwlUQiEXAMPLEa1ID6vW5"),
    (
        "fernet",
        "gA·AAAABlU_EARVhBTVBMRS1JVi0xNmJ5dEVYQU1QTEUtQ0lQSEVS·VFhFRUVFRUVFRUVFRUVFRUVFRUVFRUVFRUVFRUVFRUVFRQ==",
    ),
    ("wireguard-key", "QF·hBTVBMRS1FWEFNUExFLUVY·QU1QTEUtRVhBTVBMRW0="),
    ("bech32", "AG·E-SECRET-KEY-·1G4VYZN2SF3ZJ632CG9X4QNZ994Z4SS2D2PXY2T29TPQ565ZVG5KSDA7YG9"),
    ("bech32", "ns·ec1g4vyzn2sf3zj632cg9x4qnz·994z4ss2d2pxy2t29tpq565zvg5ksyuxcmc"),
    ("bitcoin-wif", "Ky·YWRBsV6CnsyVL6nnMh1axT5R·GJuRk2t87KNuQrygyoe8yfdDF7"),
    (
        "bip32-extended-key",
        "xp·rv9s21ZrQH143K2kQArSRuPSjinLptssym28HPfRHLRr4WntQd9·m7Cf83Qz82htEusgUFgimMGHFrvpWhDQkjkrEYFnX1S5VEyxxo1RpChEkP",
    ),
    ("stellar-seed", "SB·CVQQKNKBGEKLKFLBAU2UCMIUWU·KWCBJVIEYRJNIVMECTKQJRCS2RUP"),
    ("nats-seed", "SU·AEKWCBJVIEYRJNIVMECTKQJRCS2R·KYIFGVATCFFVCVQQKNKBGEKLMMGE"),
    ("cisco-type-7", "02·233C7A·26362304"),
    ("luhn", "40·000000·00000010"),
    ("iban", "DE·0900000·0000000000001"),
];

fn check(name: &str) -> Check {
    Check::parse(name).expect("the check is in the table")
}

#[test]
fn vectors_pass() {
    for (name, stored) in VECTORS {
        let token = stored.replace('·', "");
        let check = check(name);
        let wanted = match check.0.strength {
            Strength::Checksum | Strength::MayHaveChecksum => Verdict::Proven,
            Strength::Structure | Strength::Reads => Verdict::Fits,
        };
        assert_eq!(check.verdict(&token), wanted, "{name} {stored}");
    }
}

/// Each character of a token with a checksum but the prefix counts.
#[test]
fn edited_tokens_fail() {
    for (name, stored) in VECTORS {
        let token = stored.replace('·', "");
        let check = check(name);
        if check.0.strength != Strength::Checksum {
            continue;
        }
        let at = token.len() / 2;
        let other = if token.as_bytes()[at] == b'Q' { 'R' } else { 'Q' };
        let edited: String =
            token.char_indices().map(|(place, letter)| if place == at { other } else { letter }).collect();
        assert_eq!(check.verdict(&edited), Verdict::Fails, "{name} {edited}");
        assert_eq!(check.verdict(&token[..token.len() - 2]), Verdict::Fails, "{name} cut");
    }
}

/// Where failing means nothing, it must still not prove anything.
#[test]
fn edited_tokens_are_not_proven() {
    for (name, stored) in VECTORS.iter().filter(|(name, _)| check(name).0.strength == Strength::MayHaveChecksum) {
        let token = stored.replace('·', "");
        assert_eq!(check(name).verdict(&token[..token.len() - 1]), Verdict::Fits, "{name}");
    }
}

#[test]
fn structures_refuse_what_has_none() {
    for name in ["jwt", "discord-bot", "fernet", "luhn", "iban", "wireguard-key", "secp256k1-key", "aws-key-id"] {
        for token in ["", "x", "sk.abc.def", "AAAAAAAAAAAAAAAAAAAAAAAA", "eyJub3QiOiJhIGhlYWRlciJ9.e30.x"] {
            assert_eq!(check(name).verdict(token), Verdict::Fails, "{name} {token}");
        }
    }
    assert!(!check("aws-key-id").passes("AKIA0000000000000000"));
    assert!(!check("aws-key-id").passes(&["AKIAIOSF", "ODNN7EXAMPLE"].concat()));
    assert!(!check("us-ssn").passes("666-12-3456") && check("us-ssn").passes("512-12-3456"));
}

#[test]
fn every_proof_makes_samples() {
    let shapes = [
        ("crc32-base62", "xyz_[base62:36]"),
        ("crc32-hex", "cfut_[base62:40][hex:8]"),
        ("crc32-hex-after-underscore", "zpka_[lower-alnum:32]_[hex:8]"),
        ("grafana-glsa", "glsa_[base62:32]_[hex:8]"),
        ("gitlab-routable", "glpat-[base64url:27-300].[lower-alnum:2].[lower-alnum:9]"),
        ("laravel-sanctum", "[digit:1-6]\\|[base62:40][hex:8]"),
        ("azure-marvin32", "[base64:76]+ASt[base64:5](A|Q|g|w)=="),
        ("azure-cask", "[base62:52]JQQJ9[+9DH:1][upper:1][+ABCDEFGHIJKL:1][base62:24]"),
        ("azure-entra-secret", "[base62+_~.-:3]8Q~[base62+_~.-:34]"),
        ("azure-devops-pat", "[+abcdefghijklmnopqrstuvwxyz234567:52]"),
        ("bech32", "nsec1[+qpzry9x8gf2tvdw0s3jn54khce6mua7l:58]"),
        ("jwt", "eyJ[base64url:12-2000].[base64url:10-6000].[base64url:20-700]"),
        ("aws-key-id", "AKIA[base32:16]"),
        ("pypi-macaroon", "pypi-AgEIcHlwaS5vcmc[base64url:50-250]"),
        ("discord-bot", "[+MNO:1][base64url:23-25].[base64url:6].[base64url:27-38]"),
        ("luhn", "4[digit:15]"),
        ("iban", "DE[digit:20]"),
    ];
    for (name, shape) in shapes {
        let shape = Shape::parse(shape).expect("the shape is valid");
        let made = (0..40).filter_map(|seed| check(name).sample(&shape, seed)).count();
        assert!(made >= 4, "{name} makes {made} samples of 40");
    }
}

#[test]
fn facts_hold_nothing_of_the_secret() {
    for (name, stored) in VECTORS {
        let token = stored.replace('·', "");
        for (fact, value) in check(name).facts(&token, &format!("key = \"{token}\"")) {
            assert!(!value.contains(&token) && value.len() < 100, "{name} {fact}: {value}");
        }
    }
    let facts = check("jwt")
        .facts(&VECTORS.iter().find(|(name, _)| *name == "jwt").expect("there is one").1.replace('·', ""), "");
    assert_eq!(facts, [("algorithm", "HS256".into()), ("subject", "a name".into()), ("expires", "2023-11-14".into())]);
    let bedrock = VECTORS.iter().find(|(name, _)| *name == "aws-bedrock-key").expect("there is one").1.replace('·', "");
    assert_eq!(check("aws-bedrock-key").facts(&bedrock, ""), [("account", "123456789012".to_owned())]);
    let discord = VECTORS.iter().find(|(name, _)| *name == "discord-bot").expect("there is one").1.replace('·', "");
    assert_eq!(check("discord-bot").facts(&discord, ""), [("bot", "100000000000000000".to_owned())]);
}

#[test]
fn roles_weigh_tokens() {
    let token = |claims: &str| {
        let part = |text: &str| super::encoding::to_base64url(text.as_bytes());
        format!("{}.{}.{}", part("{\"alg\":\"HS256\"}"), part(claims), "x".repeat(43))
    };
    let severity = |claims: &str| check("jwt").severity(&token(claims));
    assert_eq!(severity("{\"iss\":\"supabase\",\"role\":\"anon\"}"), Some(Severity::Info));
    assert_eq!(severity("{\"iss\":\"supabase\",\"role\":\"service_role\"}"), Some(Severity::Critical));
    assert_eq!(severity("{\"iss\":\"kubernetes/serviceaccount\"}"), Some(Severity::Critical));
    assert_eq!(severity("{\"iss\":\"accounts\"}"), None);
}
