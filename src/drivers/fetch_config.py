"""Fetches the small files of a Hugging Face model that say what it is; not its weights.

    python fetch_config.py MODEL [REVISION]

They go where vLLM's own download will look for them, since the huggingface_hub of this Python fetches them: HF_HOME,
HF_ENDPOINT, HF_TOKEN, HF_HUB_OFFLINE and the rest mean what they mean to it. Prints {"problem": null}, or why
config.json cannot be had.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

# config.json comes last: where it is, the others are, so an interrupted fetch is seen to be one.
OPTIONAL = ("hf_quant_config.json", "model.safetensors.index.json")
CONFIG = "config.json"


def problem_with(model: str, revision: str | None = None) -> str | None:
    """Why config.json cannot be had, as a clause; None when it is there."""
    try:
        from huggingface_hub import errors, get_hf_file_metadata, hf_hub_download, hf_hub_url
    except ImportError as error:
        return f"this Python cannot fetch it ({error})"
    try:
        # Asked once, with 10 s for an answer: a download would try a hub that cannot be reached for half a minute.
        get_hf_file_metadata(hf_hub_url(model, CONFIG, revision=revision))
        for name in OPTIONAL:
            try:
                hf_hub_download(model, name, revision=revision)
            # A kind of the next, though it means that nobody could be asked.
            except errors.LocalEntryNotFoundError:
                raise
            except errors.EntryNotFoundError:
                continue
        hf_hub_download(model, CONFIG, revision=revision)
    except errors.OfflineModeIsEnabled:
        return "HF_HUB_OFFLINE is set"
    except errors.LocalEntryNotFoundError as error:
        return first(error)
    except errors.EntryNotFoundError:
        return "the repository has none"
    except errors.GatedRepoError:
        return "access to the repository is restricted, and HF_TOKEN does not give it"
    except errors.RevisionNotFoundError:
        return f"the repository has no revision {revision}"
    except errors.RepositoryNotFoundError:
        return "there is no such repository, or HF_TOKEN does not give access to it"
    # Whatever it is, vLLM will meet it too, and say it better.
    except Exception as error:
        return first(error)
    return None


def first(error: Exception) -> str:
    """Its kind and the first line that says something."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: {lines[0][:200]}" if lines else type(error).__name__


if __name__ == "__main__":
    # The modules beside this file have names that libraries use too (datasets).
    here = Path(__file__).resolve().parent
    sys.path[:] = [entry for entry in sys.path if Path(entry).resolve() != here]
    print(json.dumps({"problem": problem_with(*sys.argv[1:])}))
