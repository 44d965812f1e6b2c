//! From a stage to its code.

use super::meta;
use super::model::{Input, Output, Param, Passing, Place, Refusal, Stage};
use super::policy;
use crate::adds::Added;
use crate::runtime::*;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};

/// The struct of the stage, its `new`, and how it is started.
pub(super) fn stage(stage: &Stage) -> TokenStream {
    let Stage { shell, .. } = stage;
    let name = &shell.name;
    let at = place_of(name);
    let of_impls = shell.of_impls();
    let of_impls = quote_spanned! {at=>
        #(#of_impls)*
        #[allow(
            deprecated, dead_code, unreachable_pub, clippy::new_ret_no_self, clippy::too_many_arguments,
            reason = "generated from a function that answers for itself"
        )]
    };
    let (new, meta, spec, start) = (new(stage), meta::meta(stage), spec(stage), start(stage));
    let (prints, allows) = (prints(stage), allows(stage, &of_impls));
    let output = stage.output.value();
    let inputs = stage.inputs().map(|Input { held, .. }| quote_spanned!(place_of(held)=> #INPUT<#held>));
    let inputs = quote_spanned!(stage.inputs_at.resolved_at(at)=> (#(#inputs,)*));
    quote_spanned! {at=>
        #shell

        #of_impls
        impl #name { #new }

        #of_impls
        impl #STAGE for #name {
            type Output = #output;
            type Inputs = #inputs;
            #meta
            #spec
            #start
            #prints
        }

        #allows
    }
}

/// Which stages the growth of a running node takes.
fn allows(stage: &Stage, of_impls: &TokenStream) -> TokenStream {
    let name = &stage.shell.name;
    let declared = stage.adds.iter().map(|added| added.allows(name, of_impls));
    let mark = (!stage.adds.is_empty()).then(|| {
        quote_spanned! {place_of(name)=>
            #of_impls
            impl #MARK for #name {}
        }
    });
    quote!(#(#declared)* #mark)
}

/// Every error, and the stage or at least its struct if it can stand.
pub(super) fn refusal(refusal: &Refusal) -> TokenStream {
    let errors = refusal.error.to_compile_error();
    let (stage, shell) = (refusal.stage.as_ref().map(stage), &refusal.shell);
    quote!(#errors #stage #shell)
}

impl Stage {
    fn inputs(&self) -> impl Iterator<Item = &Input> {
        self.params.iter().filter_map(|param| match param {
            Param::Input(input) => Some(input),
            Param::Context => None,
        })
    }
}

impl Output {
    fn value(&self) -> TokenStream {
        match self {
            Self::Nothing => quote!(()),
            Self::Plain(value) | Self::Fallible { value, .. } => value.to_token_stream(),
        }
    }
}

fn new(stage: &Stage) -> TokenStream {
    let (vis, stage_name) = (&stage.shell.vis, &stage.shell.name);
    let at = place_of(stage_name);
    let doc = format!(
        "A call of the stage `{}`, to be added to a workflow. Each input is a value, or the handle of a node \
         with that output.",
        stage.shell.text(),
    );
    let params = stage.inputs().map(|Input { name, held, .. }| quote_spanned!(at=> #name: impl #INTO_INPUT<#held>));
    let inputs = stage.inputs().map(|Input { name, .. }| quote_spanned!(at=> #INTO_INPUT::into_input(#name)));
    quote_spanned! {at=>
        #[doc = #doc]
        #vis fn new(#(#params),*) -> #CALL<#stage_name> {
            #MAKE_CALL((#(#inputs,)*))
        }
    }
}

fn spec(stage: &Stage) -> TokenStream {
    let name = match &stage.name {
        Some(name) => name.to_token_stream(),
        None => stage.shell.text().to_token_stream(),
    };
    let version = stage.version;
    let place = match stage.place {
        Place::Async => quote!(Async),
        Place::Compute => quote!(Compute),
        Place::Blocking => quote!(Blocking),
        Place::Inline => quote!(Inline),
    };
    let not_result = not_result(&stage.output);
    let adding = (!stage.adds.is_empty()).then(|| {
        let adds = stage.adds.iter().map(Added::declared_by_stage);
        quote!(.adding(|| #ADDING::declared()#(#adds)*.into_adds()))
    });
    let asking = (!stage.asked.is_empty()).then(|| {
        let asked = policy::tokens(&stage.asked);
        quote!(.asking(#POLICY::new()#asked))
    });
    let needing = (!stage.needed.is_empty()).then(|| {
        let needed = policy::tokens(&stage.needed);
        quote!(.needing(#NEEDS::new()#needed))
    });
    let ranking = (!stage.ranked.is_empty()).then(|| {
        let ranked = policy::tokens(&stage.ranked);
        quote!(.ranked(#RANK::new()#ranked))
    });
    quote_spanned! {place_of(&stage.shell.name)=>
        fn spec() -> &'static #STAGE_SPEC {
            static SPEC: #STAGE_SPEC = {
                #not_result
                #STAGE_SPEC::new(#name, #version, #PLACE::#place, ::core::module_path!())#adding #ranking #asking #needing
            };
            &SPEC
        }
    }
}

/// Calls the user's function with the inputs and hands over its end.
fn start(stage: &Stage) -> TokenStream {
    let at = place_of(&stage.shell.name);
    let slots = (0..stage.inputs().count()).map(slot);
    let call = call(stage);
    let asks = stage.params.iter().any(|param| matches!(param, Param::Context));
    let grown = (!stage.adds.is_empty()).then(|| {
        let name = &stage.shell.name;
        quote_spanned!(at=> ::<#name>)
    });
    let (starting, context) = match asks {
        true => (
            quote_spanned!(at=> __dag_starting),
            Some(quote_spanned!(at=> let __dag_context = #STAGE_CONTEXT #grown::of(__dag_starting);)),
        ),
        false => (quote_spanned!(at=> _), None),
    };
    let started = match stage.place {
        Place::Async => {
            let start = START_ASYNC.at(at);
            quote_spanned!(at=> #start(async move { #call }))
        }
        _ => {
            let start = START_NOW.at(at);
            quote_spanned!(at=> #start(#call))
        }
    };
    quote_spanned! {at=>
        fn start((#(#slots,)*): Self::Inputs, #starting: &#STARTING<'_>) -> #STARTED {
            #context
            #started
        }
    }
}

/// What can be told of the inputs; of none there is nothing to tell. Compiled only where a call has a key, by `inline`.
fn prints(stage: &Stage) -> Option<TokenStream> {
    let at = place_of(&stage.shell.name);
    let prints = stage.inputs().enumerate().map(|(index, Input { held, .. })| {
        let slot = slot(index);
        quote_spanned!(place_of(held)=> <#PRINTER<#held>>::print_of_input(#slot))
    });
    let slots = (0..stage.inputs().count()).map(slot);
    stage.inputs().next()?;
    Some(quote_spanned! {at=>
        #[inline]
        fn prints(__dag_inputs: &Self::Inputs) -> #PRINTS {
            #[allow(unused_imports, reason = "it is the way of inputs that cannot be hashed")]
            use #UNPRINTED as _;
            let (#(#slots,)*) = __dag_inputs;
            #PRINTS::new([#(#prints),*])
        }
    })
}

fn call(stage: &Stage) -> TokenStream {
    let mut slots = (0..).map(slot);
    let arguments = stage.params.iter().map(|param| match param {
        Param::Context => quote_spanned!(Span::mixed_site()=> &__dag_context),
        Param::Input(input) => argument(input, &slots.next().to_token_stream()),
    });
    // What rustc says about the output is said at the output.
    let (written, end, error) = match &stage.output {
        Output::Nothing => (None, INFALLIBLE, None),
        Output::Plain(written) => (Some(written), INFALLIBLE, None),
        Output::Fallible { written, error, .. } => {
            let error = inferred_at(error.as_ref().unwrap_or(written));
            (Some(written), FALLIBLE, Some(quote!(, #error, _)))
        }
    };
    let at = written.map_or_else(|| place_of(&stage.shell.name), place_of);
    let mut name = stage.shell.name.clone();
    name.set_span(at.resolved_at(name.span()));
    let end = end.at(at);
    let wait = (stage.place == Place::Async).then(|| quote_spanned!(at=> .await));
    quote_spanned!(at=> #end::<Self #error>(#name(#(#arguments),*) #wait))
}

fn argument(input: &Input, slot: &TokenStream) -> TokenStream {
    let at = place_of(&input.held);
    match input.passing {
        Passing::Value => {
            let (by_value, held) = (BY_VALUE.at(at), &input.held);
            quote_spanned!(at=> #by_value::<#held, _>(#slot))
        }
        Passing::Shared => quote_spanned!(at=> #slot.into_shared()),
        Passing::Outcomes => quote_spanned!(at=> #slot.into_value()),
        Passing::Lent => quote_spanned!(at=> #slot.as_ref_value()),
    }
}

/// A `Result` behind another name would be an output that never fails; the types know.
fn not_result(output: &Output) -> Option<TokenStream> {
    let Output::Plain(written) = output else {
        return None;
    };
    let assert = ASSERT_NOT_RESULT.at(place_of(written));
    Some(quote_spanned! {place_of(written)=>
        use #NOT_RESULT as _;
        #assert(<#PROBE<#written>>::IS_RESULT);
    })
}

fn slot(index: usize) -> Ident {
    Ident::new(&format!("__dag_{index}"), Span::mixed_site())
}
