//! A hundred rules over sixty-four stages: the compiler looks at all of them together, in a moment.

#![allow(unused)]
use dagcore::prelude::*;

macro_rules! stages {
    ($($name:ident)*) => {
        $(
            #[stage]
            fn $name(n: u64) -> u64 {
                n
            }
        )*
    };
}

stages! {
    s0 s1 s2 s3 s4 s5 s6 s7 s8 s9 s10 s11 s12 s13 s14 s15 s16 s17 s18 s19 s20 s21 s22 s23 s24 s25 s26 s27 s28
    s29 s30 s31 s32 s33 s34 s35 s36 s37 s38 s39 s40 s41 s42 s43 s44 s45 s46 s47 s48 s49 s50 s51 s52 s53 s54
    s55 s56 s57 s58 s59 s60 s61 s62 s63
}

macro_rules! rules_of {
    ($($name:ident: $each:ident $closed:ident => $a:ident $b:ident $c:ident $d:ident;)*) => {
        $(
            rule! {
                $name: when each($each) && closed($closed), adds [$a, $b, $c by key, $d],
                then |grow, node, n, closed| {}
            }
        )*
    };
}

rules_of! {
    r0: s1 s0 => s2 s3 s4 s6;
    r1: s2 s1 => s3 s4 s5 s7;
    r2: s3 s2 => s4 s5 s6 s8;
    r3: s4 s0 => s5 s6 s7 s9;
    r4: s5 s4 => s6 s7 s8 s10;
    r5: s6 s5 => s7 s8 s9 s11;
    r6: s7 s0 => s8 s9 s10 s12;
    r7: s8 s7 => s9 s10 s11 s13;
    r8: s9 s8 => s10 s11 s12 s14;
    r9: s10 s0 => s11 s12 s13 s15;
    r10: s11 s10 => s12 s13 s14 s16;
    r11: s12 s11 => s13 s14 s15 s17;
    r12: s13 s0 => s14 s15 s16 s18;
    r13: s14 s13 => s15 s16 s17 s19;
    r14: s15 s14 => s16 s17 s18 s20;
    r15: s16 s0 => s17 s18 s19 s21;
    r16: s17 s16 => s18 s19 s20 s22;
    r17: s18 s17 => s19 s20 s21 s23;
    r18: s19 s0 => s20 s21 s22 s24;
    r19: s20 s19 => s21 s22 s23 s25;
    r20: s21 s20 => s22 s23 s24 s26;
    r21: s22 s0 => s23 s24 s25 s27;
    r22: s23 s22 => s24 s25 s26 s28;
    r23: s24 s23 => s25 s26 s27 s29;
    r24: s25 s0 => s26 s27 s28 s30;
    r25: s26 s25 => s27 s28 s29 s31;
    r26: s27 s26 => s28 s29 s30 s32;
    r27: s28 s0 => s29 s30 s31 s33;
    r28: s29 s28 => s30 s31 s32 s34;
    r29: s30 s29 => s31 s32 s33 s35;
    r30: s31 s0 => s32 s33 s34 s36;
    r31: s32 s31 => s33 s34 s35 s37;
    r32: s33 s32 => s34 s35 s36 s38;
    r33: s34 s0 => s35 s36 s37 s39;
    r34: s35 s34 => s36 s37 s38 s40;
    r35: s36 s35 => s37 s38 s39 s41;
    r36: s37 s0 => s38 s39 s40 s42;
    r37: s38 s37 => s39 s40 s41 s43;
    r38: s39 s38 => s40 s41 s42 s44;
    r39: s40 s0 => s41 s42 s43 s45;
    r40: s41 s40 => s42 s43 s44 s46;
    r41: s42 s41 => s43 s44 s45 s47;
    r42: s43 s0 => s44 s45 s46 s48;
    r43: s44 s43 => s45 s46 s47 s49;
    r44: s45 s44 => s46 s47 s48 s50;
    r45: s46 s0 => s47 s48 s49 s51;
    r46: s47 s46 => s48 s49 s50 s52;
    r47: s48 s47 => s49 s50 s51 s53;
    r48: s49 s0 => s50 s51 s52 s54;
    r49: s50 s49 => s51 s52 s53 s55;
    r50: s51 s50 => s52 s53 s54 s56;
    r51: s52 s0 => s53 s54 s55 s57;
    r52: s53 s52 => s54 s55 s56 s58;
    r53: s54 s53 => s55 s56 s57 s59;
    r54: s55 s0 => s56 s57 s58 s60;
    r55: s56 s55 => s57 s58 s59 s61;
    r56: s57 s56 => s58 s59 s60 s62;
    r57: s58 s0 => s59 s60 s61 s63;
    r58: s1 s0 => s2 s3 s4 s6;
    r59: s2 s1 => s3 s4 s5 s7;
    r60: s3 s0 => s4 s5 s6 s8;
    r61: s4 s3 => s5 s6 s7 s9;
    r62: s5 s4 => s6 s7 s8 s10;
    r63: s6 s0 => s7 s8 s9 s11;
    r64: s7 s6 => s8 s9 s10 s12;
    r65: s8 s7 => s9 s10 s11 s13;
    r66: s9 s0 => s10 s11 s12 s14;
    r67: s10 s9 => s11 s12 s13 s15;
    r68: s11 s10 => s12 s13 s14 s16;
    r69: s12 s0 => s13 s14 s15 s17;
    r70: s13 s12 => s14 s15 s16 s18;
    r71: s14 s13 => s15 s16 s17 s19;
    r72: s15 s0 => s16 s17 s18 s20;
    r73: s16 s15 => s17 s18 s19 s21;
    r74: s17 s16 => s18 s19 s20 s22;
    r75: s18 s0 => s19 s20 s21 s23;
    r76: s19 s18 => s20 s21 s22 s24;
    r77: s20 s19 => s21 s22 s23 s25;
    r78: s21 s0 => s22 s23 s24 s26;
    r79: s22 s21 => s23 s24 s25 s27;
    r80: s23 s22 => s24 s25 s26 s28;
    r81: s24 s0 => s25 s26 s27 s29;
    r82: s25 s24 => s26 s27 s28 s30;
    r83: s26 s25 => s27 s28 s29 s31;
    r84: s27 s0 => s28 s29 s30 s32;
    r85: s28 s27 => s29 s30 s31 s33;
    r86: s29 s28 => s30 s31 s32 s34;
    r87: s30 s0 => s31 s32 s33 s35;
    r88: s31 s30 => s32 s33 s34 s36;
    r89: s32 s31 => s33 s34 s35 s37;
    r90: s33 s0 => s34 s35 s36 s38;
    r91: s34 s33 => s35 s36 s37 s39;
    r92: s35 s34 => s36 s37 s38 s40;
    r93: s36 s0 => s37 s38 s39 s41;
    r94: s37 s36 => s38 s39 s40 s42;
    r95: s38 s37 => s39 s40 s41 s43;
    r96: s39 s0 => s40 s41 s42 s44;
    r97: s40 s39 => s41 s42 s43 s45;
    r98: s41 s40 => s42 s43 s44 s46;
    r99: s42 s0 => s43 s44 s45 s47;
}

fn main() {
    let rules = rules![
        r0, r1, r2, r3, r4, r5, r6, r7, r8, r9, r10, r11, r12, r13, r14, r15, r16, r17, r18, r19, r20, r21,
        r22, r23, r24, r25, r26, r27, r28, r29, r30, r31, r32, r33, r34, r35, r36, r37, r38, r39, r40, r41,
        r42, r43, r44, r45, r46, r47, r48, r49, r50, r51, r52, r53, r54, r55, r56, r57, r58, r59, r60, r61,
        r62, r63, r64, r65, r66, r67, r68, r69, r70, r71, r72, r73, r74, r75, r76, r77, r78, r79, r80, r81,
        r82, r83, r84, r85, r86, r87, r88, r89, r90, r91, r92, r93, r94, r95, r96, r97, r98, r99,
    ];
    let _ = Workflow::new("many").rules(rules);
}
