// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

/// @title What the verifier contracts of PLONK and FFLONK keys have that IZkonnxVerifier has not
/// @notice All errors, and all functions but `verifyInference`, are those of IZkonnxVerifier, with the same meaning; a proof has 24 words
/// instead of 8. Whether a proof that does not verify was well formed these contracts do not say: it is ProofInvalid.
interface IZkonnxUniversalVerifier {
    /// @notice Returns if and only if `proof` proves that the model, run on `inputs`, gives `outputs`.
    /// @param inputs As in IZkonnxVerifier.
    /// @param outputs As in IZkonnxVerifier.
    /// @param context As in IZkonnxVerifier.
    /// @param proof The coordinates of the commitments, then the evaluations, in snarkjs's order; the generated contract names them.
    function verifyInference(bytes calldata inputs, bytes calldata outputs, uint256 context, uint256[24] calldata proof)
        external
        view;

    /// @notice `plonk` or `fflonk`.
    function proofSystem() external view returns (string memory);

    /// @notice The contract that checks proofs, as snarkjs generated it. Do not ask it yourself: it does not look whether public signals
    /// are below r.
    function verifier() external view returns (address);
}
