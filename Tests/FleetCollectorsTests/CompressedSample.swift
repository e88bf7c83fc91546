import Foundation
import Testing

@testable import FleetCollectors

/// Data compressed by Python 3's zlib module.
struct CompressedSample: Sendable, CustomTestStringConvertible {
    let name: String
    let coding: ContentCoding
    let content: [UInt8]
    private let base64: String

    var testDescription: String { name }
    var bytes: [UInt8] { Data(base64Encoded: base64).map(Array.init) ?? [] }

    private static let sentence = Array("the quick brown fox jumps over the lazy dog, and the lazy dog sleeps on".utf8)

    /// The letters from A, as often as the Fibonacci numbers say: the longest codes there are.
    private static let skewed: [UInt8] = {
        var (count, next) = (1, 1)
        var bytes: [UInt8] = []
        for letter in UInt8(65)..<83 {
            bytes += [UInt8](repeating: letter, count: count)
            (count, next) = (next, count + next)
        }
        return bytes
    }()

    private static let distant: [UInt8] = {
        let marker = Array("#marker:0123456789#".utf8)
        return marker + [UInt8](repeating: UInt8(ascii: "z"), count: 32480) + marker
    }()

    private static let exposition = Array(
        (0..<150).map { "http_requests_total{path=\"/p/\($0)\",code=\"\(200 + $0 % 5)\"} \($0 * $0)\n" }.joined().utf8
    )

    static let all = [
        Self(
            name: "nothing",
            coding: .gzip,
            content: [],
            base64: "H4sIAAAAAAACAwMAAAAAAAAAAAA="
        ),
        Self(
            name: "one byte",
            coding: .gzip,
            content: Array("a".utf8),
            base64: "H4sIAAAAAAACA0sEAEO+t+gBAAAA"
        ),
        Self(
            name: "stored blocks",
            coding: .gzip,
            content: sentence,
            base64: "H4sIAAAAAAAEAwFHALj/dGhlIHF1aWNrIGJyb3duIGZveCBqdW1wcyBvdmVyIHRoZSBsYXp5IGRvZywgYW5kIHRo"
                + "ZSBsYXp5IGRvZyBzbGVlcHMgb24Qq+4kRwAAAA=="
        ),
        Self(
            name: "the fixed codes",
            coding: .gzip,
            content: sentence,
            base64: "H4sIAAAAAAACAyvJSFUoLM1MzlZIKsovz1NIy69QyCrNLShWyC9LLVIoAUrnJFZVKqTkp+soJOaloIgoFOekpoKU"
                + "5gEAEKvuJEcAAAA="
        ),
        Self(
            name: "a short text",
            coding: .gzip,
            content: sentence,
            base64: "H4sIAAAAAAACAyvJSFUoLM1MzlZIKsovz1NIy69QyCrNLShWyC9LLVIoAUrnJFZVKqTkp+soJOaloIgoFOekpoKU"
                + "5gEAEKvuJEcAAAA="
        ),
        Self(
            name: "blocks cut by flushes",
            coding: .gzip,
            content: sentence + sentence + sentence,
            base64: "H4sIAAAAAAACAyrJSFUoLM1MzlZIKsovz1NIy69QyCrNLShWyC9LLVIoAUrnJFZVKqTkp+soJOaloIgoFOekpoKU"
                + "5gEAAAD//yqhjjEAAAAA//8ryUhVKCzNTM5WSCrKL89TSMuvUMgqzS0oVsgvSy1SKAFK5yRWVSqk5KfrKCTmpaCI"
                + "KBTnpKaClOYBAEFJiwfVAAAA"
        ),
        Self(
            name: "a run of one byte",
            coding: .gzip,
            content: [UInt8](repeating: 0, count: 100_000),
            base64: "H4sIAAAAAAACA+3BMQEAAADCoPVPbQ0PoAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
                + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAIBXA32VEdSghgEA"
        ),
        Self(
            name: "codes of up to 15 bits",
            coding: .gzip,
            content: skewed,
            base64: """
                H4sIAAAAAAACAwXBgWHcSBDEwNj+bemO3J3pBvIPxlX//f/nz9+/f39+fn5+fn9/f39/f38/n8/n8/l8Pp/P5/P9\
                fr/f7/f7/X6/3+/3+/1+v9/neZ7neZ7neZ7neZ7neZ7neZ7neZ7neZ7ned/3fd/3fd/3fd/3fd/3fd/3fd/3fd/3\
                fd/3fd/3fd/3fd/3fd/3fd/3nHPOOeecc84555xzzjnnnHPOOeecc84555xzzjnnnHPOOeecc84555xzzjnnnHPO\
                Oeecc84559x777333nvvvffee++9995777333nvvvffee++9995777333nvvvffee++9995777333nvvvffee++9\
                995777333nvvvffee++9995777333nvvvffee++9987MzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzM\
                zMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzM\
                zMzMzMzMzMzMzMzMzMzMzO7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u\
                7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u\
                7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u\
                7u7u7u7uJkmSJEmSJEmSJEmSJEmSJEmSJEmSJEmSJEmSJEmSJEmSJEmSJEmSJEmSJEmSJEmSJEmSJEmSJEmSJEmS\
                JEmSJEmSJEmSJEmSJEmSJEmSJEmSJEmSJEmSJEmSJEmSJEmSJEmSJEmSJEmSJEmSJEmSJEmSJEmSJEmSJEmSJEmS\
                JEmSJEmSJEmSJEmSJEmSJEmSJEmSJEmSJEmSJEmSJEmSJEmSJEmSJEmSJEmSJEmSJEmSJEmSJEmSJEmSJEmSJEmS\
                JEmSJEmSJEmSJEmSJEmSJEmSJEmSJEmSJEmSJEmSJEmSJEmSJG3btm3btm3btm3btm3btm3btm3btm3btm3btm3b\
                tm3btm3btm3btm3btm3btm3btm3btm3btm3btm3btm3btm3btm3btm3btm3btm3btm3btm3btm3btm3btm3btm3b\
                tm3btm3btm3btm3btm3btm3btm3btm3btm3btm3btm3btm3btm3btm3btm3btm3btm3btm3btm3btm3btm3btm3b\
                tm3btm3btm3btm3btm3btm3btm3btm3btm3btm3btm3btm3btm3btm3btm3btm3btm3btm3btm3btm3btm3btm3b\
                tm3btm3btm3btm3btm3btm3btm3btm3btm3btm3btm3btm3btm3btm3btm3btm3btm3btm3btm3btm3btm3btm3b\
                tm3btm3btm3btm3btm3btm3btm3btm3btm3btm3btm3btm3btm3btm3btm3btm3btm3btm3btm3btm3btm3btm3b\
                tm3btm3btm3btm0BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\
                AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\
                AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\
                AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\
                AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\
                AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\
                AAAAAAAAAAAAAAAAAABQVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVV\
                VVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVV\
                VVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVV\
                VVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVV\
                VVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVV\
                VVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVV\
                VVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVV\
                VVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVV\
                VVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVV\
                VVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVV\
                /QePYFcqbBoAAA==
                """
        ),
        Self(
            name: "a distance of 32 499",
            coding: .gzip,
            content: distant,
            base64: "H4sIAAAAAAACA+3dORWAMBQAMDHfABTogRsGpj6WjqhHABKaGEk81+j3OJc1bfuRS23xAgAAAAAAAAAAAAAAAAAA"
                + "AAAAAAAAAAAAAAAAAAAAADCF+Jf3H5g8QfUGfwAA"
        ),
        Self(
            name: "dynamic codes",
            coding: .gzip,
            content: exposition,
            base64: """
                H4sIAAAAAAACA42ZsW5bMQxF935F4blARJGiqCHfEgRtgAwFkjbuVPTf+zwZvgJ8stOWySOSV9ev5/P70++XX39e\
                Ps4fT+e38/PPv+/P59fH08P7Qzt9+/724+Xx1Fs7/fvavrzei7ZrtB3Rdj+6X6P7ER33o/0a7Uf0uh8d1+i4/JK8\
                Hz5u0+zjfnje5unw7VMShd9et5kmFGbdplpQdROk1giqUu10goC1gAxM2FpChUzxLiBgCpgImyDug04QyL0oB8Hs\
                naokoD2pv4R0EOkupCPoBG3hghy6kB4dqtSF9JjAoQvpJNJdSCeeIKQn5iCkJ1ZJW5o4uJBeRNqF9KK75NrTja6r\
                a1M36gjXrjZqOhfYhn3tqcOMRocLbnOaTi68j/lHtRLgNmjGhk7xJOShYzxpU4Qyn7SKQpkX7brYJjkt09BR3oh5\
                6Cw3kgOhw7w3ykOYd29UK2HeowGP0VSlEPMhzHviGcK8T8pjCPNeVKshzPtCeSbMHZkPlWhG92oI82MfUx66wZ36\
                Y+gKD+rBFOaOfZ7C3CfNkhTmXjSvUpj7opmYwjwazd0U5oGzPYV5OO2PVGUetKNSmEfSHkxhHpN27VTdhut8CvPR\
                SDFMYT6MRMlU6eake6ZqtyBpNYX5QPU2hfmYeIYwHwvz0AdZw1oJ8+OSAI8S5olivYR5DrpXJcxz0t0tYZ5F/VHC\
                fDbqwRLmE/u8hPl0miWlkn3QvCrV7JNmYgnzuWjuLmFe+BRfwrw67Y8lzCvQThDmlbQHlzCvol27hr5XiPkS5kdx\
                6QxhvoJ0yRLmK0n7LGG+qqH7stsvaMA0le6t8znbgy0oG2vbky2pZsfXioBvRWSs6bPNkP/xU6QG1h3P0afb8RLD\
                fPTxZplYN32+WaELt9lw/RNG3ObEOXpxmxnXB9pxmx/XJzpymyXXF5py6sqZsy+nxpx5oDVn+xMe3Tm158wXGnTq\
                0FlYoleq9yBw85v6dHYMdTxnM2WLVIypW2fDSCuZGnY2nBSZqWdnrPtMbTsbxefoPchP5KP3IJ3rpvcgmY9vhg6q\
                flMXzybft83Im4H3erPyJvfPZubNhX262XnF82Az9Cpw7myWXvF820y91fhvjbWZWzivN2Nv4YvfNmtv8f5Rc+/4\
                JO45tfeOrHCfqsHX28S9vVl8n9AHu8nnqEM2m89Y72xG3+Ui0GfU6usX/fYf1R8n7XgdAAA=
                """
        ),
        Self(
            name: "two members",
            coding: .gzip,
            content: sentence + sentence,
            base64: "H4sIAAAAAAACAyvJSFUoLM1MzlZIKsovz1NIy69QyCrNLShWyC9LLVIoAUrnJFZVKqTkp+soJOaloIgoFOekpoKU"
                + "5gEAEKvuJEcAAAAfiwgAAAAAAAIDK8lIVSgszUzOVkgqyi/PU0jLr1DIKs0tKFbIL0stUigBSuckVlUqpOSn6ygk"
                + "5qWgiCgU56SmgpTmAQAQq+4kRwAAAA=="
        ),
        Self(
            name: "a header with a name",
            coding: .gzip,
            content: sentence,
            base64: "H4sICAAAAAAAA21ldHJpY3MudHh0ACvJSFUoLM1MzlZIKsovz1NIy69QyCrNLShWyC9LLVIoAUrnJFZVKqTkp+so"
                + "JOaloIgoFOekpoKU5gEAEKvuJEcAAAA="
        ),
        Self(
            name: "a header with everything",
            coding: .gzip,
            content: sentence,
            base64: "H4sIHwAAAAAAAwUAZXh0cmFuAGNvbW1lbnQAmPwryUhVKCzNTM5WSCrKL89TSMuvUMgqzS0oVsgvSy1SKAFK5yRW"
                + "VSqk5KfrKCTmpaCIKBTnpKaClOYBABCr7iRHAAAA"
        ),
        Self(
            name: "zlib",
            coding: .deflate,
            content: sentence,
            base64: "eNoryUhVKCzNTM5WSCrKL89TSMuvUMgqzS0oVsgvSy1SKAFK5yRWVSqk5KfrKCTmpaCIKBTnpKaClOYBAKcnGb0="
        ),
        Self(
            name: "zlib with a small window",
            coding: .deflate,
            content: exposition,
            base64: """
                GNONz73OHUUQhOGcq0COkdx/09Md+FosCyw5QLLBHxHi3jnTgUtDsEW66mdr3i9vb98+/vn5j78+f3/7/vHt69un\
                3//+9unty4d377+9l3e//Pr1t88f3pnIu39+lp++PF0rrvV1rc/Xhmt7XcfztePaX9f9fB24jvOSfD5fd6at5/O8\
                O538ff8nlLy97tKM5/O+U0ufz1XuVhUhQO9aNbZgd68GKVC/izWbgLibtZOAdUebLQLyjrbFFvYdbcUa6o52CwL6\
                jvbUZ2ByR4cIAXpHR7AFu6OjSIP5Hb2sCYg7eu0kYN3RaYuAvKOTLuw7etOGuqN3BQF9R1foM3C5o1uEAL2jO9mC\
                3dEqRiLc72qVaiLizlZdScS6u9VsEZF3uFqzjQ0x5Z6soyCmPCKIaIgpX6bPIgRiylOECIWY8iy2YRBTvpN0hENM\
                eUUTERBT3p5ELIhT/nrbIiIhTrmpso0NccrNhHUUxCk3lyCiIU65heizWAIx5UuECIWY8qQbBjHlm3Ush5jykiYi\
                IKa8NYlYEKfcxRYRCXHKXZ1tbIhT7hasoyBOuXsGEQ1xyj1Kn0UKxJSnCBEKMeXb2IZBTHkF6UiHmPLOJiIgTnlI\
                JxEL4pSH2SIiIU55+GIbG+KURxTrKIhTHmlBRENM+U59FlsgprxFiFCIU74k2IZBnPKlRTq2Q5zy5dZEBMQpX7GT\
                iAVxylfaIiIhpnzTjQ0x5U07CuKUp1QQ0RCnPC30WZRAnPIMESIU4pTnSrZhEKc8t5GOcogpr2oiAuKUb1lJxII4\
                5dtsEZEQp3x7s40Nccr3StZREKd87wgiGmLK2/RZtECc8lIRIhTilJcV2zCIU16RpKMd4pRXRhMREKe8ypOIBXHK\
                W2wRkRCnvE3ZxoY45R3COgrilHdKENEQp7xL9Fnoq/cHkRd5fRBhRmF0jPEdg7ExwWr0Vf3D+JiUZiZgYkxpMrNg\
                5JjXaxczCaNjzOnOhrExEbSnYHxMZjDTMDGmSolRgZFjTEWYURgd40Z3DMbGrGA96jA+ZmczEzAxpjuZWTByjJst\
                ZhJGx8SiOxvGxmTRnoLxMW3BTMPEMaGpxJjAyJgQYUZhdEwG3TEYG1PFesxh/Jil1swETIzxncwsGBmTtphJGB1T\
                fGfD2DH5P3oKxsd4BTMNE2MylBgXGBnTIswojB6zX0XMGIyNCWM97jA+JquZCZgY0yuZWTByTJktZhJGx0TTnQ1j\
                Y3bSnoLxY1oimGmYGOOmxITAyJgUYUZhdEwV3TEYe5mXTNYTDuNjIpqZgIkx25OZBSPHqNhiJmF0jCvd2TA2JoX2\
                FIyPaQlmGiaOsdcbf/oXhSeXvg==
                """
        ),
        Self(
            name: "zlib of nothing",
            coding: .deflate,
            content: [],
            base64: "eNoDAAAAAAE="
        ),
    ]
}
