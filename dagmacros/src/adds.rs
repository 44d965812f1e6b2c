//! The list of stages that a rule, or a stage while it runs, may add: `page, image by key, word by key under page`.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{ExprCall, Path};

use crate::runtime::*;
use crate::{list, report::Report};

/// One entry of the list.
pub(crate) struct Added {
    pub(crate) stage: Path,
    pub(crate) keyed: Keyed,
}

/// Whether the nodes have keys, and the scope in which a key is unique.
pub(crate) enum Keyed {
    No,
    /// `by key`: unique in the whole run.
    Run,
    /// `by key under stage`: unique below each node of that stage.
    Under(Path),
}

/// The owner of the list.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum By {
    Rule,
    Stage,
}

/// Formats a path as it is usually written.
pub(crate) fn text_of(path: &Path) -> String {
    let segments: Vec<_> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
    segments.join("::")
}

/// Reads the list. Reports every invalid entry, and omits those that cannot be parsed.
pub(crate) fn read(listed: TokenStream, by: By, report: &mut Report) -> Vec<Added> {
    let mut stages: Vec<Added> = Vec::new();
    for part in list::parts(listed) {
        let added = (|input: ParseStream<'_>| added(input, by, report)).parse2(part.clone());
        let Ok(added) = added else {
            report.error(part, by.listed());
            continue;
        };
        let text = text_of(&added.stage);
        if stages.iter().any(|other| text_of(&other.stage) == text) {
            report.error(&added.stage, format!("the stage `{text}` is listed twice: keep one"));
            continue;
        }
        stages.push(added);
    }
    stages
}

impl By {
    fn listed(self) -> &'static str {
        match self {
            Self::Rule => "`adds` lists stages by their names: write `adds [stage, other by key]`",
            Self::Stage => "`adds` lists stages by their names: write `adds(stage, other by key)`",
        }
    }

    fn within(self) -> &'static str {
        match self {
            Self::Rule => "`within` follows the list: write `adds [..] within 5`",
            Self::Stage => "`within` applies to rules only: remove it",
        }
    }
}

/// Reads a stage and its `by key` clause. Reports any other tokens that follow.
fn added(input: ParseStream<'_>, by: By, report: &mut Report) -> syn::Result<Added> {
    let stage: Path = input.parse()?;
    let mut keyed = Keyed::No;
    if input.is_empty() {
        return Ok(Added { stage, keyed });
    }
    let ahead = input.fork();
    let Ok(word) = ahead.call(Ident::parse_any) else {
        report.error(input.parse::<TokenStream>()?, by.listed());
        return Ok(Added { stage, keyed });
    };
    let key = ahead.call(Ident::parse_any).is_ok_and(|key| key == "key");
    let then = ahead.fork();
    let under = then.call(Ident::parse_any).ok().filter(|word| word == "under");
    let text = text_of(&stage);
    match (word.to_string().as_str(), under) {
        ("by", None) if key && ahead.is_empty() => keyed = Keyed::Run,
        ("by", Some(under)) if key => keyed = self::under(&stage, &under, &then, report),
        ("by", _) => report.error(
            &word,
            "a stage in `adds` is followed by `by key` or `by key under other`, where `other` is a stage",
        ),
        ("under", _) => report.error(
            &word,
            format!("`under` needs `by key` before it: write `{text} by key under other`, where `other` is a stage"),
        ),
        ("within", _) => report.error(&word, by.within()),
        (other, _) => report.error(&word, format!("a comma is missing before `{other}`")),
    }
    input.parse::<TokenStream>()?; // every error in the rest has been reported
    Ok(Added { stage, keyed })
}

/// Reads the stage after `under`.
fn under(stage: &Path, word: &Ident, input: ParseStream<'_>, report: &mut Report) -> Keyed {
    let text = text_of(stage);
    let rest: TokenStream = input.fork().parse().unwrap_or_default();
    if let Ok(group) = syn::parse2::<Path>(rest.clone()) {
        if text_of(&group) == text {
            report.error(
                group,
                format!(
                    "a key of `{text}` cannot be unique under `{text}` itself: write `{text} by key`, or name another \
                     stage"
                ),
            );
            return Keyed::Run;
        }
        return Keyed::Under(group);
    }
    let message = match syn::parse2::<ExprCall>(rest.clone()).ok().and_then(|each| each.args.first().cloned()) {
        Some(syn::Expr::Path(group)) => format!("write `{text} by key under {}`", text_of(&group.path)),
        _ => format!("`under` is followed by a stage: write `{text} by key under other`"),
    };
    match rest.is_empty() {
        true => report.error(word, message),
        false => report.error(rest, message),
    }
    Keyed::Run
}

impl Added {
    pub(crate) fn has_key(&self) -> bool {
        !matches!(self.keyed, Keyed::No)
    }

    /// Returns the runtime's description of the keys, for the growth.
    pub(crate) fn keyed(&self) -> TokenStream {
        match &self.keyed {
            Keyed::No => quote!(#KEYED::No),
            Keyed::Run => quote!(#KEYED::Yes),
            Keyed::Under(group) => {
                let (id, group) = (STAGE_ID.at(place_of(group)), kind(group));
                quote!(#KEYED::Under(#id::<#group>))
            }
        }
    }

    /// Returns the constant description of the keys, for the check of the laws.
    pub(crate) fn keys(&self) -> TokenStream {
        match &self.keyed {
            Keyed::No => quote!(#KEYS::No),
            Keyed::Run => quote!(#KEYS::Run),
            Keyed::Under(group) => {
                let kind = kind(group);
                quote_spanned!(place_of(group)=> #KEYS::Under(<#STAGE_PROBE<#kind>>::KEY))
            }
        }
    }

    /// Returns this entry's part of a rule's declaration.
    pub(crate) fn declared(&self) -> TokenStream {
        let (at, stage) = (place_of(&self.stage), kind(&self.stage));
        self.with_key().unwrap_or_else(|| quote_spanned!(at=> .adds::<#stage, _>()))
    }

    /// Returns this entry's part of a stage's declaration.
    pub(crate) fn declared_by_stage(&self) -> TokenStream {
        let (at, stage) = (place_of(&self.stage), kind(&self.stage));
        self.with_key().unwrap_or_else(|| quote_spanned!(at=> .nodes::<#stage>()))
    }

    fn with_key(&self) -> Option<TokenStream> {
        let (at, stage, keyed) = (place_of(&self.stage), kind(&self.stage), self.keyed());
        self.has_key().then(|| quote_spanned!(at=> .keyed::<#stage>(#keyed)))
    }

    /// Emits the impl that allows nodes of this stage in the growth of `marker`.
    pub(crate) fn allows(&self, marker: &Ident, attrs: &TokenStream) -> TokenStream {
        let (at, stage, keyed): (Span, _, _) = (place_of(&self.stage), kind(&self.stage), self.keyed());
        quote_spanned! {at=>
            #attrs
            impl #ALLOWS<#stage> for #marker {
                const KEYED: #KEYED = #keyed;
            }
        }
    }
}

/// Emits a stage in type position.
///
/// The parentheses exclude a constant, so that rustc reports a function or a variable as not being a type.
pub(crate) fn kind(stage: &Path) -> TokenStream {
    quote_spanned!(place_of(stage)=> (#stage))
}
